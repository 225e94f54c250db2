package redact

// A longer entity is none; a number may be padded.
const longestEntity = 40

// entityAt reads the ampersand amp at s[i:] with what HTML makes of it: a page may write any character by its number, and an ampersand
// that is written so may begin the next entity.
func entityAt(s string, i int, amp unit) unit {
	for range maxRun {
		c, end := entity(s, i+amp.size)
		if end < 0 {
			break
		}
		amp = unit{c: c, depth: amp.depth, size: end - i}
		if c != '&' {
			break
		}
	}
	return amp
}

// entity returns the ASCII character that s[i:], behind an ampersand, stands for, and where it ends; -1: for none.
func entity(s string, i int) (c byte, end int) {
	if u := flatAt(s, i); u.c == '#' {
		return numbered(s, i+u.size)
	}
	var name [10]byte
	n := 0
	for range name {
		u := flatAt(s, i)
		i += u.size
		if u.c == ';' {
			return named(string(name[:n]), i)
		}
		if !isLetter(u.c) {
			break
		}
		name[n] = u.c
		n++
	}
	return 0, -1
}

// numbered reads the number of a character: 97; or x61; where the semicolon may be missing, as it may to a browser.
func numbered(s string, i int) (c byte, end int) {
	base, value, digits := 10, 0, 0
	if u := flatAt(s, i); lower(u.c) == 'x' {
		base = 16
		i += u.size
	}
	for range longestEntity {
		u := flatAt(s, i)
		d := digit(u.c)
		if d >= base {
			break
		}
		value = min(value*base+d, 1<<16)
		digits++
		i += u.size
	}
	if u := flatAt(s, i); u.c == ';' {
		i += u.size
	}
	if digits == 0 || value < ' ' || value > '~' {
		return 0, -1
	}
	return byte(value), i
}

// digit returns the value of a hexadecimal digit; of anything else a large number.
func digit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= lower(c) && lower(c) <= 'f':
		return int(lower(c)-'a') + 10
	default:
		return 1 << 8
	}
}

// named returns the character of that name, and end; -1: for none that addresses, names and secrets are made of, or stand between.
func named(name string, end int) (c byte, at int) {
	for i, known := range [...]string{"amp", "quot", "apos", "grave", "lt", "gt", "sol", "bsol", "equals", "colon", "lowbar", "UnderBar", "period", "quest", "num", "percnt", "plus", "commat"} {
		if known == name {
			return "&\"'`<>/\\=:__.?#%+@"[i], end
		}
	}
	return 0, -1
}
