package redact_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/b24go/b24/internal/redact"
)

// BenchmarkMasking compares masking of a text without secrets with the one pattern by
// which programs mask tokens themselves, and texts made to be hard with texts of the
// same kind that are eight times as long: the time for a byte must not grow.
func BenchmarkMasking(b *testing.B) {
	mask := func(name string, f func(string) string, texts ...string) {
		b.Run(name, func(b *testing.B) {
			size := len(strings.Join(texts, ""))
			b.ReportAllocs()
			for b.Loop() {
				for _, text := range texts {
					f(text)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/byte")
		})
	}
	pattern := regexp.MustCompile(`(?i)\b(auth|access_token|refresh_token|client_secret)=[^&\s"]+`)
	secrets := redact.New("an unrelated secret")
	mask("regexp", func(text string) string { return pattern.ReplaceAllString(text, "$1=***") }, cleanText)
	mask("text", redact.Text, cleanText)
	mask("secrets", secrets.Text, cleanText)
	mask("hard, 8 KiB", secrets.Text, hardTexts(8<<10)...)
	mask("hard, 64 KiB", secrets.Text, hardTexts(64<<10)...)
}

// hardTexts are texts of that size of which every part looks like the begin of a secret.
func hardTexts(size int) []string {
	var texts []string
	for _, piece := range []string{`\`, `%25`, `%5C`, `auth[`, `"auth":`, `auth={`, `code=`, `://`, `rest/`, `&amp`, `token `, `"`, `token="`, `[`, ` `} {
		texts = append(texts, strings.Repeat(piece, size/len(piece)))
	}
	return texts
}
