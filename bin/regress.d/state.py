"""Which session state the text of a test uses: the first thing to look at when a pooled run differs."""

import re

USES = {
    "temporary tables": r"\bcreate\s+(or\s+replace\s+)?((local|global)\s+)?temp(orary)?\b|\binto\s+temp\b|\bpg_temp\b",
    "SET": r"^\s*set\s+(session\s+)?(?!local\b|role\b|transaction\b|constraints\b|session\b)[a-z_.]+\s*(=|to\b)",
    "another user": r"^\s*(set|reset)\s+((session|local)\s+)?(role|authorization)\b|\bsession\s+authorization\b",
    "PREPARE": r"^\s*(prepare\s+(?!transaction)|execute\s|deallocate\b)",
    "cursors WITH HOLD": r"\bwith\s+hold\b",
    "currval, lastval": r"\b(currval|lastval)\s*\(",
    "advisory locks": r"\bpg_(try_)?advisory_(lock|unlock)",
    "LISTEN": r"^\s*(un)?listen\b",
    "LOAD": r"^\s*load\s+'",
    "DISCARD, RESET ALL": r"\bdiscard\s+(all|plans|sequences|temp)|\breset\s+all\b",
}


def used(sql):
    return [name for name, pattern in USES.items() if re.search(pattern, sql, re.IGNORECASE | re.MULTILINE)]
