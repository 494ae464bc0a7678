/**
 * The same messages to PostgreSQL directly and through a proxy, and every difference that a client could see.
 *
 * <p>A {@code Generator} makes a {@code Scenario} from a seed: clients, and what each sends, step by step. A {@code Trial} plays it on
 * {@code Twin}s, each of them one connection of either kind, and compares the answers. A {@code Hunt} does so until its time is over,
 * has a {@code Shrinker} make what fails as short as it can be, and gives the result to a {@code Report}.
 */
@NullMarked
package dev.trunkline.server.differential;

import org.jspecify.annotations.NullMarked;
