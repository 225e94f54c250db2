package b24test

import (
	"maps"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// bodylessV3 reports whether a method ignores its body.
func bodylessV3(method string) bool {
	return strings.EqualFold(method, "rest.documentation.openapi") || strings.EqualFold(method, "documentation")
}

// openAPI answers rest.documentation.openapi: a document that is not an envelope (docs/protocol.md
// 9.1).
func (r *V3) openAPI(Request) (any, error) {
	names := r.methods()
	paths, tags := php.Object(), php.NewArray()
	var last string
	for _, name := range names {
		if tag, _, ok := strings.Cut(name, "."); ok && tag != last {
			tags.Add(php.Object("name", tag, "description", tag+" module methods"))
			last = tag
		}
		paths.Set("/"+name, php.Object("post", php.Object("summary", name)))
	}
	doc := php.Object("openapi", "3.0.0", "info", php.Object("title", "Bitrix24 REST V3 API", "version", "1.0.0"), "tags", tags, "paths", paths)
	return Raw{Body: string(php.AppendJSON(nil, doc))}, nil
}

// methods returns the names of all methods, sorted.
func (r *V3) methods() []string {
	names := map[string]bool{"batch": true, "documentation": true, "rest.documentation.openapi": true}
	r.portal.mu.Lock()
	for name := range r.handlers {
		names[name] = true
	}
	r.portal.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for entity, t := range r.tables {
		for _, verb := range t.methods() {
			names[entity+"."+verb] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
