package redact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/redact"
)

// shown is how many characters of a secret may be left at a cut: no more can be told from any other word.
const shown = 2

// A text that somebody else cut shows no piece of a secret, on whichever side of the cut it stands.
func TestPiecesAtACut(t *testing.T) {
	t.Parallel()
	const secret = "q7w8e9r0t1y2u3i4"
	s := redact.New("another-one", secret)
	for _, cut := range []string{"…", "...", `\u2026`, "&hellip;", "&#8230;", "&#x2026;", "%E2%80%A6"} {
		for n := range len(secret) + 1 {
			for _, c := range []struct{ text, piece string }{
				{"cannot read " + secret[:n] + cut + " of it", secret[:n]},
				{"within \"/x" + cut + secret[n:] + "/y\"", secret[n:]},
				{"within \"/x" + cut + secret[n:] + "z\"", secret[n:]},
				{"at " + cut + secret[n/2:n] + cut, secret[n/2 : n]},
				{"at " + secret[:n] + cut + "/" + cut + secret[n:], secret[:n]},
				{"at " + secret[:n] + cut + "/" + cut + secret[n:], secret[n:]},
				{strings.ToUpper("cannot read "+secret[:n]) + cut, strings.ToUpper(secret[:n])},
				{"cannot read " + strings.ReplaceAll(secret[:n], "e", "%65") + cut, secret[:min(n, 4)]},
			} {
				got := s.Text(c.text)
				for from := range max(0, len(c.piece)-shown) {
					assert.NotContains(t, got, c.piece[from:from+shown+1], "%q", c.text)
				}
			}
		}
	}
}

// A cut may go through the spelling of a character.
func TestPiecesCutInsideACharacter(t *testing.T) {
	t.Parallel()
	const secret = "q7w8e9r0t1y2u3i4"
	s := redact.New(secret)
	for _, format := range []string{"%%%02x", `\u%04x`, `\x%02x`, "&#x%x;", "&#%d;", "&amp;#%d;", "%%25%02x"} {
		e := fmt.Sprintf(format, 'e')
		for n := range len(e) {
			assert.Equal(t, "read ***…", s.Text("read q7w8"+e[:n]+"…"), "%q", e[:n])
		}
	}
}

func TestNoPieces(t *testing.T) {
	t.Parallel()
	s := redact.New("qwertyuiop", "s3cret")
	for _, text := range []string{
		"a qw… b", "a … qwe", "the qwer of it", "QWE", "not q… nor …p", "wait... more", "so s3c goes", "x …ert", "... uio", "",
	} {
		assert.Equal(t, text, s.Text(text))
	}
	assert.Equal(t, "ERROR_QWE", s.Text("ERROR_QWE"), "the end of a code that is no piece")
	assert.Equal(t, "ERROR_***", s.Text("ERROR_QWERTY"), "by this length it is no chance")
}

// What is left of a body that was cut off shows nothing either.
func TestPiecesAtTheEndOfABody(t *testing.T) {
	t.Parallel()
	const secret = "q7w8e9r0t1y2u3i4"
	s := redact.New(secret)
	for n := range len(secret) + 1 {
		got := s.Snippet([]byte(`{"result":"a `+secret[:n]), 200)
		assert.NotContains(t, got, secret[:shown+1], "%d", n)
	}
}
