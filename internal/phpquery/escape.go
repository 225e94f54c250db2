package phpquery

// appendEscaped appends s and percent-encodes everything except the unreserved characters of RFC
// 3986: PHP's parse_url and parse_str interpret or change many of the others (docs/protocol.md
// 4.1).
func appendEscaped(dst, s []byte) []byte {
	const hex = "0123456789ABCDEF"
	start := 0
	for i, c := range s {
		if unreserved(c) {
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = append(dst, '%', hex[c>>4], hex[c&15])
		start = i + 1
	}
	return append(dst, s[start:]...)
}

func unreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	default:
		return c == '-' || c == '_' || c == '.' || c == '~'
	}
}
