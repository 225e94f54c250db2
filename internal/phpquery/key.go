package phpquery

import "bytes"

// keyProblem returns why PHP would not keep a key, or "". PHP decodes a name before it looks for
// brackets in it, so encoding does not help.
func (e *encoder) keyProblem(key []byte) string {
	if e.atTop() {
		return topProblem(key)
	}
	if cookiePrefix(key, e.name) {
		return "has the prefix of a cookie in its name, PHP drops the variable"
	}
	return nestedProblem(key)
}

func topProblem(key []byte) string {
	switch {
	case len(key) == 0:
		return "has an empty name, PHP drops the variable"
	case bytes.IndexByte(key, 0) >= 0:
		return "has a zero byte in its name, PHP cuts the name there"
	case bytes.ContainsAny(key, " .["):
		return "has a space, a dot or a bracket in its name, PHP makes it _"
	default:
		return ""
	}
}

// nestedProblem allows a "[", and blanks next to other characters, because PHP keeps them.
func nestedProblem(key []byte) string {
	switch {
	case len(key) == 0, len(key) == 1 && blank(key[0]):
		return "has an empty name, PHP would append to a list"
	case bytes.IndexByte(key, 0) >= 0:
		return "has a zero byte in its name, PHP cuts the name there"
	case bytes.IndexByte(key, ']') >= 0:
		return "has a ] in its name, PHP ends the name there"
	default:
		return ""
	}
}

// cookiePrefix implements php_is_forbidden_variable_name: if a key begins like a protected cookie,
// the whole name of the variable must begin with the same prefix.
func cookiePrefix(key, variable []byte) bool {
	for _, prefix := range [...]string{"__Host-", "__Secure-"} {
		if bytes.HasPrefix(key, []byte(prefix)) && !bytes.HasPrefix(variable, []byte(prefix)) {
			return true
		}
	}
	return false
}

// blank reports whether C's isspace and PCRE's \s match c.
func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
