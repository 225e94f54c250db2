package hostname_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/hostname"
)

func TestASCII(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"acme.bitrix24.com": "acme.bitrix24.com", "ACME.Bitrix24.com:8443": "acme.bitrix24.com:8443", "": "", "[::1]:443": "[::1]:443",
		"пример.рф": "xn--e1afmkfd.xn--p1ai", "ПРИМЕР.РФ": "xn--e1afmkfd.xn--p1ai", "XN--E1AFMKFD.xn--p1ai": "xn--e1afmkfd.xn--p1ai",
		"пример.рф:8443": "xn--e1afmkfd.xn--p1ai:8443", "crm.пример.com": "crm.xn--e1afmkfd.com",
		"bücher.example": "xn--bcher-kva.example", "例え.テスト": "xn--r8jz45g.xn--zckzah",
		// RFC 3492, 7.1
		"почемужеонинеговорятпорусски": "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l", // (I)
		"他们为什么不说中文":                    "xn--ihqwcrb4cv8a8dqg056pqjye",         // (B)
		"ليهمابتكلموشعربي؟":            "xn--egbpdaj6bu4bxfgehfvwxn",           // (A)
		"3年b組金八先生":                     "xn--3b-ww4c5e180e575a65lsy2b",         // (L), its letters small
	} {
		assert.Equal(t, want, hostname.ASCII(host), host)
	}
	for _, host := range []string{"\xff.example", "б\n.example", "б /x"} { // no names of hosts
		assert.NotPanics(t, func() { hostname.ASCII(host) }, host)
	}
}

// FuzzASCII decodes what was encoded.
func FuzzASCII(f *testing.F) {
	for _, seed := range []string{"пример", "bücher", "例え", "a-b-ü", "почемужеонинеговорятпорусски", "ÿ\U0010ffffä", "xn--", "-", "ß", "مثال"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, label string) {
		got := hostname.ASCII(label)
		require.Equal(t, got, hostname.ASCII(got), "it is ASCII already, or stays")
		plain := strings.IndexFunc(label, func(r rune) bool {
			return r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-'
		}) < 0
		encoded, is := strings.CutPrefix(got, "xn--")
		if !plain || !utf8.ValidString(label) || !is || strings.HasPrefix(strings.ToLower(label), "xn--") {
			return
		}
		require.Equal(t, strings.ToLower(label), decode(t, encoded))
	})
}

// decode is RFC 3492, 6.2.
func decode(t *testing.T, encoded string) string {
	t.Helper()
	var out []rune
	basic, rest := "", encoded
	if at := strings.LastIndexByte(encoded, '-'); at >= 0 {
		basic, rest = encoded[:at], encoded[at+1:]
	}
	out = []rune(basic)
	n, i, bias := 128, 0, 72
	for len(rest) > 0 {
		before, weight := i, 1
		for k := 36; ; k += 36 {
			require.NotEmpty(t, rest)
			digit := strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789", rest[0])
			require.GreaterOrEqual(t, digit, 0)
			rest = rest[1:]
			i += digit * weight
			limit := min(max(k-bias, 1), 26)
			if digit < limit {
				break
			}
			weight *= 36 - limit
		}
		damp := 2
		if before == 0 {
			damp = 700
		}
		bias = adapt((i-before)/damp, len(out)+1)
		n += i / (len(out) + 1)
		i %= len(out) + 1
		out = slices.Insert(out, i, rune(n))
		i++
	}
	return string(out)
}

func adapt(delta, points int) int {
	delta += delta / points
	k := 0
	for ; delta > 455; k += 36 {
		delta /= 35
	}
	return k + 36*delta/(delta+38)
}
