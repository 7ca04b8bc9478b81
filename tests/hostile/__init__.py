"""Input by somebody who means harm, or whose disk did: a table of cases, and what the command must say to each."""
