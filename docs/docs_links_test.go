package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
)

// prose is the text without its code.
func (p page) prose() string {
	return regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(p.text, "")
}

// anchors are the names of the headings, as GitHub makes them.
func (p page) anchors() map[string]bool {
	names := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#{1,6} +(.*?) *$`).FindAllStringSubmatch(p.prose(), -1) {
		name := anchor(heading[1])
		for n, first := 1, name; names[name]; n++ {
			name = first + "-" + strconv.Itoa(n)
		}
		names[name] = true
	}
	return names
}

func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}

func TestAnchor(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"The portal's limits": "the-portals-limits",
		"REST 3.0":            "rest-30",
		"Did it happen?":      "did-it-happen",
		"`b24test`, a_b-c":    "b24test-a_b-c",
	} {
		assert.Equal(t, want, anchor(heading))
	}
}

// Links inside the repository lead to a file, and to a heading in it.
func TestLinksOfThePages(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`)
	code := regexp.MustCompile("`[^`\n]*`")
	anchors := map[string]map[string]bool{}
	for _, p := range pages(t) {
		anchors[p.name] = p.anchors()
	}
	for _, p := range pages(t) {
		if p.name == "llms.txt" {
			continue // its code is in the text
		}
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(p.prose(), ""), -1) {
			target := p.name
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(p.name), m[1])
			}
			_, err := os.Stat(target)
			assert.NoError(t, err, "%s: %s", p.name, m[0])
			assert.True(t, m[2] == "" || anchors[filepath.ToSlash(target)][m[2]], "%s: there is no heading %s", p.name, m[0])
		}
	}
}
