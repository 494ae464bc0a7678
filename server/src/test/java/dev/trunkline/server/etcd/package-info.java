/** Discovery by a real etcd, and by HTTPS with certificates made for the test. */
package dev.trunkline.server.etcd;
