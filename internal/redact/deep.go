package redact

import "reflect"

// mostNodes bounds the number of values inspected in one error.
const mostNodes = 10_000

// dump looks for literal secrets in everything that a dump of a value prints, including unexported
// fields.
type dump struct {
	secrets *Secrets
	seen    map[reference]bool
	left    int
}

// reference is a pointer or a map.
type reference struct {
	of reflect.Type
	to uintptr
}

// inDump reports whether a dump of v may show a literal secret: because it does, or because v
// cannot be read completely.
func (s *Secrets) inDump(v any) (found bool) {
	if s == nil || s.next == nil {
		return false
	}
	defer func() { found = found || recover() != nil }()
	d := dump{secrets: s, seen: map[reference]bool{}, left: mostNodes}
	return d.find(reflect.ValueOf(v))
}

// find reports whether v contains a secret. It ignores functions and channels, which no dump
// follows.
func (d *dump) find(v reflect.Value) bool {
	if d.left--; d.left < 0 {
		return true
	}
	switch v.Kind() {
	case reflect.String:
		return d.secrets.finds(v.String(), Shortest)
	case reflect.Interface:
		return d.find(v.Elem())
	case reflect.Pointer:
		return !v.IsNil() && d.once(v) && d.find(v.Elem())
	case reflect.Map:
		return !v.IsNil() && d.once(v) && d.pairs(v)
	case reflect.Slice, reflect.Array:
		return d.elements(v)
	case reflect.Struct:
		return d.fields(v)
	default:
		return false
	}
}

// once reports whether v is met for the first time.
func (d *dump) once(v reflect.Value) bool {
	at := reference{v.Type(), v.Pointer()}
	first := !d.seen[at]
	d.seen[at] = true
	return first
}

func (d *dump) pairs(v reflect.Value) bool {
	for all := v.MapRange(); all.Next(); {
		if d.find(all.Key()) || d.find(all.Value()) {
			return true
		}
	}
	return false
}

func (d *dump) elements(v reflect.Value) bool {
	switch k := v.Type().Elem().Kind(); {
	case k == reflect.Uint8:
		return d.secrets.finds(bytesOf(v), Shortest)
	case k >= reflect.Bool && k <= reflect.Complex128:
		return false // numbers
	}
	for i := range v.Len() {
		if d.find(v.Index(i)) {
			return true
		}
	}
	return false
}

// bytesOf returns the bytes of a slice, or of an array, which may not be addressable.
func bytesOf(v reflect.Value) string {
	if v.Kind() == reflect.Slice {
		return string(v.Bytes())
	}
	b := make([]byte, v.Len())
	for i := range b {
		b[i] = byte(v.Index(i).Uint() & 0xff)
	}
	return string(b)
}

func (d *dump) fields(v reflect.Value) bool {
	for field := range v.Type().Fields() {
		if isLock(field.Type) {
			return true // other goroutines may be changing it, so it cannot be read
		}
	}
	for _, field := range v.Fields() {
		if d.find(field) {
			return true
		}
	}
	return false
}

// isLock reports whether t is a type for data shared between goroutines.
func isLock(t reflect.Type) bool { return t.PkgPath() == "sync" || t.PkgPath() == "sync/atomic" }
