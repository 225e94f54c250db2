package file

import (
	"mime"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameIn returns the name of a file in a header Content-Disposition, made safe.
func nameIn(disposition string) string {
	_, params, err := mime.ParseMediaType(disposition)
	if err != nil && params == nil {
		_, rest, _ := strings.Cut(disposition, "filename=")
		name, _, _ := strings.Cut(rest, ";")
		return safe(strings.Trim(name, `" `))
	}
	return safe(params["filename"])
}

// safe returns the last part of a name, without what a file system or a terminal would take for
// something else.
func safe(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = clean(name)
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimLeft(name, " "), " .") // Windows drops them
	if len(name) > longestName {
		name = shorten(name)
	}
	if strings.Trim(name, ".") == "" {
		return ""
	}
	return name
}

// clean removes control characters, and those that are not seen but change what is.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
}

// shorten cuts a name, and keeps its extension.
func shorten(name string) string {
	const longestExt = 20
	ext := path.Ext(name)
	if len(ext) > longestExt {
		ext = ""
	}
	stem := name[:longestName-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + ext
}
