package redact

// kind is how a name affects the value next to it. The order matters: a higher kind is more
// certain.
type kind int

const (
	// kindPlain is any other name.
	kindPlain kind = iota
	// kindCompany is not secret, but shows that a code next to it belongs to an OAuth exchange.
	kindCompany
	// kindCode is secret only in a text that also has an OAuth name, kindCompany or kindCertain. CODE
	// is also a field of half the entities of a portal (bizproc.robot.add, catalog.product.*, the
	// error answers themselves), where masking would hide what a reader looks for; the OAuth code
	// lives for 30 seconds, works once, and never travels without client_id or member_id.
	kindCode
	// kindEveryday is secret as a name in a query or an object, but common in prose ("primary
	// key=5").
	kindEveryday
	// kindSecret is secret in every assignment, but also opens clauses of error texts ("b24: token:
	// expired").
	kindSecret
	// kindCertain is secret wherever it has a value.
	kindCertain
)

// word is a name normalized for comparison: lower case, letters and digits only. Only the end of an
// overlong name is kept.
type word struct {
	buf [64]byte
	n   int
}

// add appends a character of the name.
func (w *word) add(c byte) {
	if !isWord(c) || c == '_' || c == '-' {
		return
	}
	if w.n == len(w.buf) {
		w.n = copy(w.buf[:], w.buf[len(w.buf)/2:])
	}
	w.buf[w.n] = lower(c)
	w.n++
}

// is reports whether the name is the given one.
func (w *word) is(name string) bool {
	return string(w.buf[:w.n]) == name
}

// ends reports whether the name ends with the given one.
func (w *word) ends(name string) bool {
	return w.n >= len(name) && string(w.buf[w.n-len(name):w.n]) == name
}

// kind looks the name up; this is the table of all sensitive names.
func (w *word) kind() kind {
	switch string(w.buf[:w.n]) {
	case "accesstoken", "refreshtoken", "applicationtoken", "clientsecret", "authid", "refreshid", "appsid",
		"apikey", "privatekey", "secretkey", "setcookie":
		return kindCertain
	case "auth", "authorization", "proxyauthorization", "webhook", "signature", "passphrase", "pwd", "cookie", "jwt":
		return kindSecret
	case "key":
		return kindEveryday
	case "code":
		return kindCode
	case "clientid", "granttype", "memberid", "serverdomain":
		return kindCompany
	}
	// bot_token, webhookSecret, confirm_password, bitrix_sessid, PHPSESSID
	if w.ends("token") || w.ends("secret") || w.ends("password") || w.ends("passwd") || w.ends("sessid") {
		return kindSecret
	}
	return kindPlain
}

// nameKind returns the kind of an object's member. A bracketed or dotted name (auth[domain],
// fields.password) is as sensitive as the most sensitive of its parts; a filter operator before it
// (=password) is ignored.
func nameKind(name string) kind {
	var w word
	best := kindPlain
	split := false
	for i := 0; i < len(name); {
		u := unitAt(name, i)
		i += u.size
		if u.c == '[' || u.c == ']' || u.c == '.' {
			best = max(best, w.kind())
			w.n = 0
			split = true
			continue
		}
		w.add(u.c)
	}
	best = max(best, w.kind())
	if split && best <= kindCode {
		return kindPlain // fields[CODE] is a field
	}
	return best
}

// isWord reports whether c can be part of a name in text.
func isWord(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '_' || c == '-'
}

// isLetter reports whether c is an ASCII letter.
func isLetter(c byte) bool {
	return 'a' <= lower(c) && lower(c) <= 'z'
}

// isDigit reports whether c is an ASCII digit.
func isDigit(c byte) bool {
	return '0' <= c && c <= '9'
}

// lower returns the ASCII lower case of c.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
