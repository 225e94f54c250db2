package b24test

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/b24go/b24/b24test/internal/php"
)

// remarks writes lines into the log of a test about what a portal ignores without an error, once for
// each method and name. A nil value has no log.
type remarks struct {
	log func(...any) // nil: there is no log

	mu     sync.Mutex
	method string // that runs; the lock of the database lets one run at a time
	told   map[string]bool
	lines  []string
}

func newRemarks(log func(...any)) *remarks { return &remarks{log: log, told: map[string]bool{}} }

// begin names the method that following remarks are about.
func (r *remarks) begin(method string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.method = method
}

// add keeps a remark about a name, unless it was made before. The text says what the method does.
func (r *remarks) add(place, name string, text func() string) {
	if r == nil || r.log == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	key := strings.ToLower(r.method) + " " + place + " " + name
	if !r.told[key] {
		r.told[key] = true
		r.lines = append(r.lines, "b24test: "+r.method+": "+text())
	}
}

// flush writes the lines. The caller holds no lock, because the log is the test's.
func (r *remarks) flush() {
	r.mu.Lock()
	lines := r.lines
	r.lines = nil
	r.mu.Unlock()
	for _, line := range lines {
		r.log(line)
	}
}

// known reports whether all fields of the entity are known, so that a name can be wrong.
func (f *family) known() bool {
	return f.cast == castRecord || f.cast == castActivity || f.cast == castItem || f.invented && len(f.traits) > 0
}

// exists reports whether an entity has, or may have, the field that a request calls name.
func (s *store) exists(name string, in place) bool {
	field := s.fam.resolve(name, in)
	return field != "" && (s.has(field) || (isUser(field) || strings.HasPrefix(field, parentPrefix)) && isUpper(field) && s.mayExist(field))
}

// remarkUnknown makes a remark about a name that a method ignores, in an argument of a request.
func (s *store) remarkUnknown(argument, name string) {
	if !s.fam.known() || name == "" || strings.Contains(name, ".") {
		return
	}
	s.remarks.add(argument, name, func() string {
		if capitals := itemCapitals(name); s.misspelt(name) && s.exists(capitals, inSelect) {
			return fmt.Sprintf("%s names %s, which this method calls %s", argument, name, capitals)
		}
		text := fmt.Sprintf("%s names %s, which does not exist", argument, name)
		if near := nearest(name, s.toldNames()); near != "" {
			return text + ": did you mean " + near + "?"
		}
		if isUser(name) {
			return text + ": Portal.Define adds a custom field"
		}
		return text + ": the portal ignores it"
	})
}

// remarkIgnored makes a remark about a field that exists but has no effect.
func (s *store) remarkIgnored(argument, name, why string) {
	if s.fam.known() {
		s.remarks.add(argument, name, func() string { return fmt.Sprintf("%s names %s, %s", argument, name, why) })
	}
}

// toldNames returns the fields of the entity as its answers name them.
func (s *store) toldNames() []string {
	var names []string
	for field := range s.fam.traits {
		names = append(names, s.fam.told(field))
	}
	for field := range s.fields {
		if !s.fam.untold(field) && !strings.Contains(field, ".") {
			names = append(names, s.fam.told(field))
		}
	}
	return names
}

// remarkSelect makes remarks about a select.
func (s *store) remarkSelect(req Request, sel *php.Array) {
	if v, _ := s.fam.arg(req, "select"); v != nil && v != "" && !php.IsArray(v) {
		s.remarks.add("select", "", func() string { return "select is not a list: the portal ignores it" })
	}
	for _, v := range sel.All() {
		name := php.Text(v)
		switch {
		case name == "*", name == "UF_*", name == multiField && s.fam.hasContacts(), s.exists(name, inSelect):
		default:
			s.remarkUnknown("select", name)
		}
	}
}

// remarkDropped makes a remark about a field that a write does not change.
func (s *store) remarkDropped(name string, add bool) {
	field := s.fam.field(name)
	t, documented := s.fam.traits[field]
	switch {
	case field == s.fam.id:
	case documented && s.fam.aliases != nil && !s.fam.aliases.writes(name, false):
		s.remarkIgnored("fields", name, "which crm.item.* calls "+s.fam.told(field))
	case documented && t.readOnly:
		s.remarkIgnored("fields", name, "which is read-only: the portal drops it")
	case documented && t.addOnly && !add:
		s.remarkIgnored("fields", name, "which only an add writes: the portal drops it")
	case !s.misspelt(name) && s.fam.aliases != nil && isUser(field) && s.exists(s.fam.told(field), inSelect):
		s.remarkIgnored("fields", name, "which crm.item.* calls "+s.fam.told(field))
	default:
		s.remarkUnknown("fields", name)
	}
}

// remarkUnread makes a remark about the value of a time field that a write drops.
func (s *store) remarkUnread(name string, v any) {
	if v != nil && s.traitOf(s.fam.field(name)).moment {
		s.remarkIgnored("fields", name, "whose value PHP cannot read as a time: the portal drops it")
	}
}

// parameters returns the parameters of a method, if they are known.
func parameters(method string) (names []string, known bool) {
	i := strings.LastIndexByte(method, '.')
	if i < 0 {
		return nil, false
	}
	entity, verb := method[:i], method[i+1:]
	table := map[string]string{"list": "order filter select", "get": "id", "add": "fields params", "update": "id fields params", "delete": "id params", "fields": ""}
	own, known := table[verb]
	switch {
	case entity == "crm.item":
		own = strings.TrimSuffix(own, " params") + " entityTypeId useOriginalUfNames"
	case !slices.Contains(strings.Fields("crm.lead crm.deal crm.contact crm.company crm.quote crm.activity"), entity):
		return nil, false
	}
	return strings.Fields(own), known
}

// remarkParameters makes remarks about parameters that a method does not have.
func (p *Portal) remarkParameters(method string, req Request) {
	names, known := parameters(method)
	if !known {
		return
	}
	exact := strings.HasPrefix(method, "crm.item.")
	for name := range req.params.All() {
		folded := strings.ToLower(name)
		if slices.Contains(names, name) || strings.HasPrefix(folded, "bx24_") ||
			!exact && (slices.Contains(names, folded) || slices.Contains(names, strings.TrimPrefix(folded, "ar"))) {
			continue
		}
		p.data.remarks.add("parameter", name, func() string {
			if near := nearest(name, append(names, "start")); near != "" {
				return fmt.Sprintf("there is no parameter %s: did you mean %s?", name, near)
			}
			return fmt.Sprintf("there is no parameter %s: the portal ignores it", name)
		})
	}
}
