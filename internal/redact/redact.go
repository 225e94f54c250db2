// Package redact removes secrets from what people read: error texts, log records, pieces of an
// answer.
//
// It recognizes secrets in two ways. By their place: the path of a webhook, the value of a name
// such as access_token in a query string, a form, JSON or a dump from Go or PHP, the user of a URL,
// an Authorization header. And by their value: the literal secrets given to [New]. When in doubt it
// masks: a text that says too little is a nuisance, a leaked webhook is a lost portal.
//
// Everything here is safe for concurrent use, sends nothing and does not block.
package redact

// Mask replaces a secret.
const Mask = "***"

// Text returns s without the secrets that are recognized by their place. A text without secrets is
// returned unchanged.
func Text(s string) string {
	return (*Secrets)(nil).Text(s)
}

// JSON returns parameters or a result without the secrets: the value of a sensitive name becomes
// "***", whatever its type; every other string goes through [Text]. Valid JSON stays valid and
// keeps its structure, but not its white space; anything else is treated as text. Values nested
// deeper than 100 levels also become "***". b is not changed.
func JSON(b []byte) []byte {
	return (*Secrets)(nil).JSON(b)
}

// Snippet returns the beginning of b for an error text: one line of at most limit printable
// characters, ending in an ellipsis if something was cut. Secrets are masked before the cut, so
// none remains in part. A limit of 0 or less gives "".
func Snippet(b []byte, limit int) string {
	return (*Secrets)(nil).Snippet(b, limit)
}
