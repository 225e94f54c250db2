package redact

import "strings"

// path masks the secret parts of a REST address whose part "rest" ends at end, and returns where to
// continue:
//
//	/rest/<user>/<secret>/<method>       webhook; both parts are masked, because people swap them
//	/rest/api/<user>/<secret>/<method>   webhook, REST 3.0
//	/rest/[...]download?<signed>         whatever follows download or upload is signed
func (t *scanner) path(prev unit, end int) int {
	user, depth := slashes(t.s, end)
	if user == end {
		return end
	}
	userEnd := partEnd(t.s, user, depth)
	if strings.EqualFold(t.s[user:userEnd], "api") {
		user, _ = slashes(t.s, userEnd)
		userEnd = partEnd(t.s, user, depth)
	}
	if user == userEnd || isRest(t.s[user:userEnd]) {
		return end // with several parts "rest", the last one counts
	}
	if isTransfer(t.s[user:userEnd]) {
		return t.transfer(userEnd, depth)
	}
	if !isSlash(prev.c) && !isNumber(t.s[user:userEnd]) {
		return end // "the rest/most of it"
	}
	secret, _ := slashes(t.s, userEnd)
	secretEnd := partEnd(t.s, secret, depth)
	if secret == userEnd || secret == secretEnd {
		return end // /rest/<method>, with or without a trailing slash
	}
	t.mask(user, userEnd)
	if isRest(t.s[secret:secretEnd]) {
		return userEnd
	}
	t.mask(secret, secretEnd)
	method, _ := slashes(t.s, secretEnd)
	if methodEnd := partEnd(t.s, method, depth); isTransfer(t.s[method:methodEnd]) {
		return t.transfer(methodEnd, depth)
	}
	return secretEnd
}

// transfer masks everything from i to the end of the URL except the first character, usually a ?.
func (t *scanner) transfer(i, depth int) int {
	from := i + unitAt(t.s, i).size
	to := i
	for to < len(t.s) {
		u := unitAt(t.s, to)
		if endsURL(t.s, to, u, depth) {
			break
		}
		to += u.size
	}
	to = trimTail(t.s, from, to)
	if to <= from {
		return i
	}
	return t.mask(from, to)
}

// slashes returns where the slashes at s[i:] end, and the depth of the first of them.
func slashes(s string, i int) (end, depth int) {
	first := unitAt(s, i)
	for u := first; isSlash(u.c); u = unitAt(s, i) {
		i += u.size
	}
	return i, first.depth
}

// partEnd returns where the path part at s[i:] ends; the slashes of the path are encoded depth
// times.
func partEnd(s string, i, depth int) int {
	start := i
	for i < len(s) {
		u := unitAt(s, i)
		if endsPart(s, i, u, depth) {
			break
		}
		i += u.size
	}
	if isSlash(unitAt(s, i).c) {
		return i
	}
	return trimTail(s, start, i)
}

// endsPart reports whether the unit u at s[i:] ends a part of a URL before its query.
func endsPart(s string, i int, u unit, depth int) bool {
	return u.depth <= depth && (isSlash(u.c) || u.c == '?' || u.c == '#') || endsURL(s, i, u, depth)
}

// endsURL reports whether the unit u at s[i:] ends a URL. An encoded URL ends with the value that
// contains it.
func endsURL(s string, i int, u unit, depth int) bool {
	if u.depth < depth && (u.c == '&' || u.c == ';' || u.c == '=') {
		return true
	}
	return u.depth <= depth && (isSpace(u.c) || u.c == '<' || u.c == '>' || closes(s, i, u))
}

// isRest reports whether a path part is the REST root.
func isRest(part string) bool {
	return strings.EqualFold(part, "rest")
}

// isTransfer reports whether a path part is the pseudo-method download or upload, with or without a
// format (download.json).
func isTransfer(part string) bool {
	name, _, _ := strings.Cut(part, ".")
	return strings.EqualFold(name, "download") || strings.EqualFold(name, "upload")
}

// isNumber reports whether a path part consists of digits.
func isNumber(part string) bool {
	return part != "" && strings.Trim(part, "0123456789") == ""
}
