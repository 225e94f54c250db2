package redact

import "strings"

// scanner reads a text once, word by word, and masks what follows certain words.
type scanner struct {
	s    string
	out  strings.Builder
	done int // how much of s has been copied to out

	oauthKnown, oauth bool

	addresses bool // look only for addresses of webhooks
}

// scan returns s without the secrets that are recognized by their place.
func scan(s string) string {
	t := scanner{s: s}
	t.run()
	if t.done == 0 {
		return s
	}
	t.out.WriteString(s[t.done:])
	return t.out.String()
}

func (t *scanner) run() {
	var prev unit
	for i := 0; i < len(t.s); {
		u := unitAt(t.s, i)
		if !isWord(u.c) {
			prev = u
			i += u.size
			continue
		}
		var w word
		end := wordEnd(t.s, i, &w)
		i = t.visit(&w, prev, i, end)
		prev = unit{c: '*', size: 1} // the end of a word or of a mask, which does not open a name
	}
}

// wordEnd reads the word at s[i:] into w and returns where it ends.
func wordEnd(s string, i int, w *word) int {
	for {
		u := unitAt(s, i)
		if !isWord(u.c) {
			return i
		}
		w.add(u.c)
		i += u.size
	}
}

// visit masks what the word w at start requires, and returns where to continue: end or later.
func (t *scanner) visit(w *word, prev unit, start, end int) int {
	switch {
	case w.is("rest"):
		return t.path(prev, end)
	case t.addresses:
		return end
	case w.is("bearer"), w.is("basic"):
		return t.scheme(end)
	}
	if i := t.userinfo(end); i > end {
		return i
	}
	k := w.kind()
	if k <= kindCompany || k == kindCode && !t.inOAuth() {
		return end
	}
	return t.assignment(name{kind: k, prev: prev, start: start, end: end})
}

// inOAuth reports whether any word of the text belongs to an OAuth exchange.
func (t *scanner) inOAuth() bool {
	for i := 0; !t.oauthKnown && i < len(t.s); {
		if u := unitAt(t.s, i); !isWord(u.c) {
			i += u.size
			continue
		}
		var w word
		i = wordEnd(t.s, i, &w)
		k := w.kind()
		t.oauth = k == kindCompany || k == kindCertain
		t.oauthKnown = t.oauth
	}
	t.oauthKnown = true
	return t.oauth
}

// mask masks s[from:to], even if it is empty, and returns to.
func (t *scanner) mask(from, to int) int {
	return t.replace(from, to, Mask)
}

// replace writes text instead of s[from:to] and returns to.
func (t *scanner) replace(from, to int, text string) int {
	if t.s[from:to] == text {
		return to
	}
	t.out.WriteString(t.s[t.done:from])
	t.out.WriteString(text)
	t.done = to
	return to
}

// scheme masks the credentials after Bearer or Basic, if what follows looks like credentials.
func (t *scanner) scheme(end int) int {
	v := credentials(t.s, end)
	if v == end || !looksSecret(t.s, v) {
		return end
	}
	return t.mask(v, bareEnd(t.s, v, form{depth: unitAt(t.s, v).depth}))
}

// userinfo masks the user and password of a URL whose scheme ends at end.
func (t *scanner) userinfo(end int) int {
	u := unitAt(t.s, end)
	if u.c != ':' {
		return end
	}
	start, depth := slashes(t.s, end+u.size)
	if start < end+u.size+2 {
		return end
	}
	at := -1
	for i := start; i < len(t.s); i += u.size {
		u = unitAt(t.s, i)
		if endsPart(t.s, i, u, depth) {
			break
		}
		if u.c == '@' && u.depth <= depth {
			at = i
		}
	}
	if at < 0 {
		return end
	}
	return t.mask(start, at)
}
