package proof_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"go.yaml.in/yaml/v3"
)

// verbs are those of fmt for which methods are asked, with the flags that change what they print.
func verbs() []string {
	return []string{"%v", "%+v", "%#v", "%s", "%q", "%+q", "%#q", "%x", "%X", "% x", "%#x", "%d", "%o", "%c", "%U", "%t", "%T", "%z"}
}

// leaks collects everything a program may print.
type leaks struct{ all logSink }

// add writes v in every form that it may come to light in: as a careless program prints it, and as a debugger, a failing test or
// a crash report dumps it.
func (l *leaks) add(t *testing.T, v any) {
	t.Helper()
	l.print(t, v)
	dump(&l.all, v)
}

// print writes v in every form that a program may print it in.
func (l *leaks) print(t *testing.T, v any) {
	t.Helper()
	_, _ = fmt.Fprintf(&l.all, "%p %#p %v\n", v, v, struct{ v any }{v}) // which ask no methods
	l.ask(t, v)
}

// ask writes v in every form for which its methods are asked.
func (l *leaks) ask(t *testing.T, v any) {
	t.Helper()
	for _, verb := range verbs() {
		_, _ = fmt.Fprintf(&l.all, verb+"\n", v)
	}
	_, _ = fmt.Fprintln(&l.all, v)
	_, _ = fmt.Fprint(&l.all, []any{v}, map[string]any{"v": v}, struct{ V any }{v})
	l.marshal(v)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&l.all, nil), slog.NewJSONHandler(&l.all, nil)} {
		log := slog.New(handler)
		log.LogAttrs(t.Context(), slog.LevelInfo, "x", slog.Any("v", v), slog.Group("g", slog.Any("v", v)), slog.Any("list", []any{v}))
		log.With(slog.Any("v", v)).WithGroup("g").LogAttrs(t.Context(), slog.LevelInfo, "x", slog.Any("v", v))
	}
}

// marshal writes v as every encoding does that takes it.
func (l *leaks) marshal(v any) {
	for _, v := range []any{v, map[string]any{"v": v}} {
		l.encode(func() ([]byte, error) { return json.Marshal(v) })
		l.encode(func() ([]byte, error) { return yaml.Marshal(v) })
	}
	var b bytes.Buffer
	l.encode(func() ([]byte, error) { err := gob.NewEncoder(&b).Encode(v); return b.Bytes(), err })
}

// encode writes what an encoder makes, also what it had written before it failed, and why it did.
func (l *leaks) encode(encode func() ([]byte, error)) {
	defer func() {
		if p := recover(); p != nil { // some do with what they do not take
			_, _ = fmt.Fprintln(&l.all, p)
		}
	}()
	text, err := encode()
	_, _ = l.all.Write(text)
	if err != nil {
		_, _ = fmt.Fprintln(&l.all, err)
	}
}

// addError adds err and everything its chain hands out.
func (l *leaks) addError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	l.add(t, err)
	switch inner := err.(type) { //nolint:errorlint // the chain is walked link by link
	case interface{ Unwrap() error }:
		l.addError(t, inner.Unwrap())
	case interface{ Unwrap() []error }:
		for _, e := range inner.Unwrap() {
			l.addError(t, e)
		}
	}
}

// check wants none of the secrets in what was collected, in any form that an encoding gives it.
func (l *leaks) check(t *testing.T, secrets ...string) {
	t.Helper()
	for form, text := range l.found(secrets...) {
		t.Errorf("a secret, %s: ...%q...", form, text)
	}
}

// found returns the forms in which a secret is in what was collected, with what stands around it.
func (l *leaks) found(secrets ...string) map[string]string {
	text := strings.ToLower(l.all.String())
	all := map[string]string{}
	if text == "" {
		all["nothing"] = "nothing was collected"
	}
	for _, secret := range secrets {
		decimals := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
		for form, as := range map[string]string{
			"plain": secret, "escaped": url.QueryEscape(secret), "hex": fmt.Sprintf("%x", secret), "spaced hex": fmt.Sprintf("% x", secret),
			"bytes": decimals, "listed bytes": strings.ReplaceAll(decimals, " ", ","), "bytes in YAML": strings.ReplaceAll(decimals, " ", "\n- "),
			"bytes in Go": strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(secret)), "[]byte{"), "}"),
			"octal":       strings.Trim(fmt.Sprintf("%o", []byte(secret)), "[]"), "characters": strings.Trim(fmt.Sprintf("%c", []byte(secret)), "[]"),
			"code points": strings.Trim(fmt.Sprintf("%U", []byte(secret)), "[]"), "base64": base64.StdEncoding.EncodeToString([]byte(secret)),
		} {
			if i := strings.Index(text, strings.ToLower(as)); i >= 0 {
				all[form] = text[max(0, i-80):min(len(text), i+80)]
			}
		}
	}
	return all
}

// dump writes all texts and bytes that reflection comes to from v, whatever methods and unexported fields say.
func dump(w io.Writer, v any) {
	d := dumper{w: w, seen: map[visited]bool{}}
	d.value(reflect.ValueOf(v))
}

type dumper struct {
	w    io.Writer
	seen map[visited]bool
}

// visited is a pointer, or what has one inside.
type visited struct {
	of reflect.Type
	at unsafe.Pointer
}

func (d *dumper) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		_, _ = io.WriteString(d.w, v.String()+"\n")
	case reflect.Interface:
		d.value(v.Elem())
	case reflect.Pointer:
		if !v.IsNil() && d.first(v) {
			d.value(v.Elem())
		}
	case reflect.Map:
		if !v.IsNil() && d.first(v) {
			for all := v.MapRange(); all.Next(); {
				d.value(all.Key())
				d.value(all.Value())
			}
		}
	case reflect.Slice, reflect.Array:
		d.list(v)
	case reflect.Struct:
		d.fields(v)
	default: // numbers say nothing by themselves, and nothing follows functions and channels
	}
}

func (d *dumper) first(v reflect.Value) bool {
	at := visited{v.Type(), v.UnsafePointer()}
	first := !d.seen[at]
	d.seen[at] = true
	return first
}

func (d *dumper) list(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len())
		for i := range b {
			b[i] = byte(v.Index(i).Uint())
		}
		_, _ = fmt.Fprintf(d.w, "%s\n", b)
		return
	}
	for i := range v.Len() {
		d.value(v.Index(i))
	}
}

func (d *dumper) fields(v reflect.Value) {
	if v.Type() == reflect.TypeFor[logSink]() {
		return // what is written to
	}
	if !v.CanAddr() { // so that the fields can be taken out of what hides them
		own := reflect.New(v.Type()).Elem()
		own.Set(exposed(v))
		v = own
	}
	v = exposed(v)
	if load := v.Addr().MethodByName("Load"); load.IsValid() && load.Type().NumIn() == 0 { // atomic.Pointer, atomic.Value
		d.value(load.Call(nil)[0])
	}
	if all := v.Addr().MethodByName("Range"); v.Type().PkgPath() == "sync" && all.IsValid() { // sync.Map
		all.Call([]reflect.Value{reflect.ValueOf(func(key, value any) bool {
			d.value(reflect.ValueOf(key))
			d.value(reflect.ValueOf(value))
			return true
		})})
	}
	for _, field := range v.Fields() {
		d.value(exposed(field))
	}
}

// exposed is v without the mark that it comes from an unexported field.
func exposed(v reflect.Value) reflect.Value {
	if v.CanInterface() || !v.CanAddr() {
		return v
	}
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
}

// The net must be able to catch something.
func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	type holder struct{ text string }
	type deep struct{ of *map[string][]any }
	for name, v := range map[string]any{
		"text": marker, "bytes": []byte(marker), "raw": json.RawMessage(`"` + marker + `"`), "array": [3]string{1: marker}, "field": struct{ s string }{marker},
		"exported": struct{ S []byte }{[]byte(marker)}, "escaped": url.QueryEscape(marker), "upper": strings.ToUpper(marker), "error": fmt.Errorf("x: %s", marker),
		"pointer": &holder{marker}, "pointer to a pointer": struct{ p **holder }{new(&holder{marker})}, "key": map[string]int{marker: 1},
		"deep": deep{&map[string][]any{"x": {1, &holder{marker}}}}, "named": namedText(marker), "base64": base64.StdEncoding.EncodeToString([]byte(marker)),
	} {
		var seen leaks
		seen.add(t, v)
		assert.NotEmpty(t, seen.found(marker), name)
	}
	var seen leaks
	seen.add(t, struct{ f func() string }{func() string { return marker }})
	assert.Empty(t, seen.found(marker), "what is in a closure is not found by anything")
	assert.NotEmpty(t, new(leaks).found(marker), "nothing was collected")
}

type namedText string

func (n namedText) String() string { return "***" }
