package redact

import "strings"

// name is a sensitive name found in a text.
type name struct {
	kind       kind
	prev       unit // what precedes it
	start, end int
	quoted     bool // quoted like a member of a JSON object
}

// opens reports whether the name is at a place where a query or an object names its members.
func (n name) opens() bool {
	return n.prev.size == 0 || strings.IndexByte("?&;[{,(\"'`<\n", n.prev.c) >= 0
}

// assignment masks the value assigned to the name, if there is one, and returns where to continue:
//
//	name=value  name[x][]=value  "name":"value"  "name":{...}  [name] => value
//	Name:value  name: value  <name>value
func (t *scanner) assignment(n name) int {
	if n.kind <= kindEveryday && !n.opens() || n.kind == kindCode && n.prev.c == '[' {
		return n.end
	}
	after, quoted := nameEnd(t.s, n)
	n.quoted = quoted
	at := skipSpaces(t.s, after)
	sep := unitAt(t.s, at)
	v := at + sep.size
	switch {
	case sep.c == '=':
		if after == n.end && n.prev.c == '=' && n.prev.depth == sep.depth {
			return n.end // foo=token=bar gives foo a value, not token
		}
		if n.kind <= kindEveryday && at > after {
			return n.end
		}
		return t.value(n, sep, afterArrow(t.s, v))
	case sep.c == ':':
		w := skipSpaces(t.s, v)
		if w > v && !standsForItself(t.s, w, n) {
			return n.end
		}
		return t.value(n, sep, w)
	case sep.c == '>' && n.prev.c == '<' && at == n.end:
		if end := elementEnd(t.s, v, n.prev); end > v {
			return t.mask(v, end)
		}
	}
	return n.end
}

// value masks the value at v of the name n, and returns where to continue.
func (t *scanner) value(n name, sep unit, v int) int {
	u := unitAt(t.s, v)
	outer := u.depth <= sep.depth // a quote encoded deeper than the separator belongs to the value
	query := u.c == '\'' && (n.prev.c == '?' || n.prev.c == '&')
	if outer && isQuote(u.c) && !query {
		return t.mask(v+u.size, quotedEnd(t.s, v+u.size, u))
	}
	f := form{depth: sep.depth, object: n.quoted, dump: sep.c == ':'}
	if outer && isGroup(u.c) {
		end := afterGroup(t.s, v, f)
		if !n.quoted || n.prev.depth > sep.depth {
			return t.mask(v, end)
		}
		quote := t.s[n.start-n.prev.size : n.start]
		return t.replace(v, end, quote+Mask+quote) // keeps JSON valid
	}
	end := bareEnd(t.s, v, f)
	if schemeEnd(t.s, v) == end {
		if w := credentials(t.s, end); w > end {
			end = bareEnd(t.s, w, f)
		}
	}
	if end == v && sep.c == ':' {
		return n.end // "no token:" is the end of a clause
	}
	return t.mask(v, end)
}

// nameEnd returns where a name ends, including its closing quote and its brackets (auth[token]),
// and whether it is quoted.
func nameEnd(s string, n name) (end int, quoted bool) {
	i := n.end
	for {
		u := unitAt(s, i)
		switch {
		case isQuote(u.c) && u.c == n.prev.c && !quoted:
			quoted = true
		case u.c == ']':
		case u.c == '[':
			i = bracketEnd(s, i)
			if u = unitAt(s, i); u.c != ']' {
				return n.end, false
			}
		default:
			return i, quoted
		}
		i += u.size
	}
}

// bracketEnd returns where the bracket at s[i:] closes, or where it proves not to belong to a name.
func bracketEnd(s string, i int) int {
	const longest = 128 // a limit keeps the scan linear
	for range longest {
		u := unitAt(s, i)
		if u.size == 0 || u.c == ']' || isSpace(u.c) || u.c == '&' {
			break
		}
		i += u.size
	}
	return i
}

// afterArrow returns where the value after an equals sign begins: after the rest of => and after
// blanks, but on the same line.
func afterArrow(s string, v int) int {
	if u := unitAt(s, v); u.c == '>' {
		v += u.size
	}
	w := skipSpaces(s, v)
	if u := unitAt(s, w); u.size == 0 || isSpace(u.c) {
		return v
	}
	return w
}

// standsForItself reports whether what follows "name: " is a value and not the next clause of an
// error text.
func standsForItself(s string, v int, n name) bool {
	u := unitAt(s, v)
	switch {
	case u.size == 0, isSpace(u.c):
		return false
	case n.kind == kindCertain, isQuote(u.c), isGroup(u.c), n.quoted && !isLetter(u.c), looksSecret(s, v):
		return true
	}
	end := schemeEnd(s, v)
	return end > v && credentials(s, end) > end
}

// looksSecret reports whether the word at s[i:] does not look like natural language: at least 8
// characters including a digit, or 20 letters.
func looksSecret(s string, i int) bool {
	n, digit, other := 0, false, false
	for {
		u := unitAt(s, i)
		switch {
		case isDigit(u.c):
			digit = true
		case isLetter(u.c):
		case u.size > 0 && strings.IndexByte("_-.~+/=|%*", u.c) >= 0:
			other = true
		default:
			return n >= 8 && digit || n >= 20 && !other
		}
		i += u.size
		n++
	}
}

// schemeEnd returns where the name of an authorization scheme at s[i:] ends, or i if there is none.
func schemeEnd(s string, i int) int {
	var w word
	end := wordEnd(s, i, &w)
	if w.is("bearer") || w.is("basic") {
		return end
	}
	return i
}

// credentials returns where the word after the one that ends at end begins, or end if none follows.
func credentials(s string, end int) int {
	v := skipSpaces(s, end)
	if v == end && unitAt(s, v).c == '+' {
		v++ // a blank in a form
	}
	if u := unitAt(s, v); v == end || u.size == 0 || isSpace(u.c) {
		return end
	}
	return v
}

// form is how an unquoted value is written.
type form struct {
	depth  int  // how often its separator is percent-encoded
	object bool // a member of an object: a comma or a bracket ends it
	dump   bool // printed by fmt: a bracket opens a nested value
}

// bareEnd returns where the unquoted value at s[i:] ends.
func bareEnd(s string, i int, f form) int {
	start := i
	for i < len(s) {
		u := unitAt(s, i)
		if f.dump && opensGroup(s, i, u) {
			i = groupEnd(s, i)
			start = i
			continue
		}
		if f.object && (u.c == ',' || u.c == '}' || u.c == ']') {
			return i
		}
		if endsURL(s, i, u, f.depth) || u.depth <= f.depth && (u.c == '&' || u.c == ';' || u.c == '#') {
			break
		}
		i += u.size
	}
	return trimTail(s, start, i)
}

// trimTail excludes what closes the sentence or the dump around a value that ends at end, but never
// the whole value.
func trimTail(s string, start, end int) int {
	for end > start+1 && strings.IndexByte("]}),.:", s[end-1]) >= 0 {
		end--
	}
	return end
}

// quotedEnd returns where the value at s[i:] ends that the quote opened, or the end of s if it is
// not closed.
func quotedEnd(s string, i int, open unit) int {
	slashes := 0
	for i < len(s) {
		u := unitAt(s, i)
		if u.c == open.c && u.depth <= open.depth && closesLevel(u, slashes, open.esc) {
			return i + max(0, u.esc-open.esc)*u.backslash() // backslashes that do not belong to the quote belong to the value
		}
		if u.c == '\\' {
			slashes += u.esc
		} else {
			slashes = 0
		}
		i += u.size
	}
	return i
}

// closesLevel reports whether the quote u, after that many more backslashes, closes a quote that
// was opened after open backslashes. Each level of quoting doubles the backslashes and adds one, so
// those of an escaped backslash before the closing quote come in groups of 2*(open+1).
func closesLevel(u unit, more, open int) bool {
	if u.coded && open == 0 {
		return false // a string may contain \u0022, after any number of backslashes
	}
	esc := u.esc + more
	return esc < open || esc%(2*(open+1)) == open
}

// isGroup reports whether c opens an object or a list.
func isGroup(c byte) bool {
	return c == '{' || c == '['
}

// opensGroup reports whether the unit u at s[i:] opens an object or a list, or is the blank in
// interface {}.
func opensGroup(s string, i int, u unit) bool {
	return isGroup(u.c) || u.c == ' ' && unitAt(s, i+u.size).c == '{' && strings.HasSuffix(s[:i], "interface")
}

// afterGroup returns where the value ends that begins with the object or list at s[i:], such as
// []string{"a"}.
func afterGroup(s string, i int, f form) int {
	end := groupEnd(s, i)
	return max(end, bareEnd(s, end, f))
}

// groupEnd returns where the object or list at s[i:], which a blank may precede, is closed, or the
// end of s if it is not.
func groupEnd(s string, i int) int {
	i = skipSpaces(s, i)
	open := 0
	for i < len(s) {
		u := unitAt(s, i)
		i += u.size
		switch u.c {
		case '"':
			i = quotedEnd(s, i, u)
			i += unitAt(s, i).size
		case '{', '[':
			open++
		case '}', ']':
			open--
		}
		if open == 0 {
			return i
		}
	}
	return i
}

// elementEnd returns where the text of an XML element ends: at the next bracket written like the
// opening one, so not at &lt;.
func elementEnd(s string, i int, open unit) int {
	for i < len(s) {
		u := unitAt(s, i)
		if u.c == '<' && u.size <= open.size {
			break
		}
		i += u.size
	}
	return i
}
