// Package methods knows which REST methods only read, so that a call with an unknown outcome may be
// repeated.
//
// A writing method classified as reading causes duplicates; a reading method classified as writing
// costs a retry. So a method that is not known to read counts as writing.
//
// A read here is a method whose repetition leaves nothing behind that one call would not. Pages
// named in this package are under api-reference of the official REST documentation
// (bitrix24/b24restdocs); "server" is the portal's own code.
package methods

import (
	"strings"
)

// Rule is why a method is classified as reading or writing.
type Rule uint8

const (
	// RuleUnknown is for an unknown name, including a malformed one. It counts as writing.
	RuleUnknown Rule = iota
	// RuleName is for a name listed in this package.
	RuleName
	// RuleWord is for a name whose last word is a reading one, such as list.
	RuleWord
	// RuleVerb is for a name whose last word is a reading one after a writing one:
	// im.notify.read.list marks a list as read. It counts as writing.
	RuleVerb
)

// String returns the name of the rule, one word in lower case.
func (r Rule) String() string {
	switch r {
	case RuleName:
		return "name"
	case RuleWord:
		return "word"
	case RuleVerb:
		return "verb"
	default:
		return "unknown"
	}
}

// Reads reports whether a call of method only reads. Letter case does not matter; v3 is for REST
// 3.0, whose names differ from those of /rest/. An unknown name counts as writing, and so does
// batch.
//
// It keeps no state and is safe for concurrent use.
func Reads(method string, v3 bool) bool {
	reads, _ := Decide(method, v3)
	return reads
}

// Writes reports whether a method is known to change something although its name ends like a read:
// reading a list with it would request a change.
func Writes(method string, v3 bool) bool {
	reads, rule := Decide(method, v3)
	return !reads && rule != RuleUnknown
}

// Decide is [Reads] that also returns the rule applied.
func Decide(method string, v3 bool) (reads bool, rule Rule) {
	if !plain(method) {
		return false, RuleUnknown
	}
	name := strings.ToLower(method)
	switch {
	case writesByName(name):
		return false, RuleName
	case readsByName(name, v3):
		return true, RuleName
	}
	before, last := cutLast(name)
	if before == "" || !readingWord(last) {
		return false, RuleUnknown
	}
	if _, verb := cutLast(before); writingWord(verb) {
		return false, RuleVerb
	}
	return true, RuleWord
}

// plain reports whether a name consists of non-empty words of ASCII letters, digits and underscores
// separated by dots, like every method name. How a portal would interpret other names is unknown.
func plain(method string) bool {
	word := false
	for i := range len(method) {
		switch c := method[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
			word = true
		case c == '.' && word:
			word = false
		default:
			return false
		}
	}
	return word
}

// cutLast splits a name before its last dot; without a dot, before is empty.
func cutLast(name string) (before, last string) {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}
