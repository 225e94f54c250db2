package proof_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/b24go/b24"
)

// credentials are how a caller may keep a secret.
type credentials struct {
	Name    string       `json:"name" xml:"name" yaml:"name"`
	Secret  b24.Secret   `json:"secret" xml:"secret" yaml:"secret"`
	Pointer *b24.Secret  `json:"pointer" xml:"pointer" yaml:"pointer"`
	List    []b24.Secret `json:"list" xml:"list" yaml:"list"`

	hidden   b24.Secret
	pointer  *b24.Secret
	anything any
	inside   struct{ one [1]b24.Secret }
}

func newCredentials() credentials {
	s := b24.NewSecret(marker)
	c := credentials{Name: "x", Secret: s, Pointer: &s, List: []b24.Secret{s}, hidden: s, pointer: &s, anything: s}
	c.inside.one[0] = s
	return c
}

func TestSecretShowsNothing(t *testing.T) {
	t.Parallel()
	s := b24.NewSecret(marker)
	c := newCredentials()
	for _, v := range []any{
		s, &s, c, &c,
		[]any{s, &s},
		map[string]any{"a": s, "b": c},
		struct{ b24.Secret }{s},
		struct{ s *b24.Secret }{&s},
		[]b24.Secret{s},
		[1]b24.Secret{s},
		errors.Join(fmt.Errorf("%v %+v %s", s, c, s)),
		b24.HookParams{Secret: s},
		b24.AuthData{RefreshToken: s},
	} {
		var seen leaks
		seen.add(t, v)
		seen.check(t, marker)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%U", "%c", "%t", "%e", "%b", "%20v", "%-5s", "%.3s"} {
		assert.Equal(t, "***", fmt.Sprintf(verb, s), verb)
		assert.Equal(t, "***", fmt.Sprintf(verb, b24.Secret{}), "an empty one looks like any other")
	}
	assert.Equal(t, "***", s.String())
	assert.Equal(t, "b24.Secret", fmt.Sprintf("%T", s))
}

func TestSecretMarshalsAsStars(t *testing.T) {
	t.Parallel()
	c := newCredentials()
	text, err := json.Marshal(c)
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"x","secret":"***","pointer":"***","list":["***"]}`, string(text))
	text, err = yaml.Marshal(c)
	require.NoError(t, err)
	assert.Equal(t, "name: x\nsecret: '***'\npointer: '***'\nlist:\n    - '***'\n", string(text))
	text, err = xml.Marshal(c)
	require.NoError(t, err)
	assert.Equal(t, "<credentials><name>x</name><secret>***</secret><pointer>***</pointer><list>***</list></credentials>", string(text))
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(c))
	assert.NotContains(t, b.String(), marker)
	assert.Contains(t, b.String(), "***")
	var again credentials
	assert.Error(t, gob.NewDecoder(&b).Decode(&again), "what was masked is no secret to go on with")

	text, err = json.Marshal(struct {
		A b24.Secret `json:"a,omitzero"`
		B b24.Secret `json:"b,omitzero"`
		C b24.Secret `json:"c"`
	}{B: b24.NewSecret(marker)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"b":"***","c":"***"}`, string(text))
}

func TestSecretReads(t *testing.T) {
	t.Parallel()
	for name, decode := range map[string]func(v *credentials) error{
		"json": func(v *credentials) error {
			return json.Unmarshal([]byte(`{"secret":"`+marker+`","pointer":"`+marker+`","list":["`+marker+`"]}`), v)
		},
		"yaml": func(v *credentials) error {
			return yaml.Unmarshal([]byte("secret: "+marker+"\npointer: "+marker+"\nlist: ["+marker+"]"), v)
		},
		"xml": func(v *credentials) error {
			return xml.Unmarshal([]byte("<c><secret>"+marker+"</secret><pointer>"+marker+"</pointer><list>"+marker+"</list></c>"), v)
		},
		"text": func(v *credentials) error {
			v.Pointer, v.List = new(b24.Secret), make([]b24.Secret, 1)
			return errors.Join(v.Secret.UnmarshalText([]byte(marker)), v.Pointer.UnmarshalText([]byte(marker)), v.List[0].UnmarshalText([]byte(marker)))
		},
		"flag": func(v *credentials) error {
			v.Pointer, v.List = new(b24.Secret), make([]b24.Secret, 1)
			set := flag.NewFlagSet("x", flag.ContinueOnError)
			set.SetOutput(io.Discard)
			set.TextVar(&v.Secret, "a", b24.Secret{}, "")
			set.TextVar(v.Pointer, "b", b24.Secret{}, "")
			set.TextVar(&v.List[0], "c", b24.NewSecret("x"), "")
			return set.Parse([]string{"-a", marker, "-b=" + marker, "-c", marker})
		},
	} {
		var c credentials
		require.NoError(t, decode(&c), name)
		for _, s := range []b24.Secret{c.Secret, *c.Pointer, c.List[0]} {
			assert.Equal(t, marker, s.Reveal(), name)
		}
	}
}

// What was masked when it was written is no secret when it is read: it would be one that everybody knows.
func TestSecretReadsNoStars(t *testing.T) {
	t.Parallel()
	s := b24.NewSecret(marker)
	text, err := json.Marshal(s)
	require.NoError(t, err)
	require.ErrorContains(t, json.Unmarshal(text, &s), "b24: Secret: the text is ***, the masked form of a secret")
	assert.Equal(t, marker, s.Reveal(), "it keeps its value")
	require.NoError(t, s.UnmarshalText(nil))
	assert.True(t, s.IsZero())
	given := []byte(marker)
	require.NoError(t, s.UnmarshalText(given))
	given[0] = '!'
	assert.Equal(t, marker, s.Reveal(), "it has a text of its own")
}

func TestSecretEqual(t *testing.T) {
	t.Parallel()
	a, b := b24.NewSecret(marker), b24.NewSecret("s3cr3tmarker7y")
	c := a
	assert.True(t, a.Equal(c))
	assert.True(t, a.Equal(b24.NewSecret(marker)))
	assert.False(t, a.Equal(b))
	assert.False(t, a.Equal(b24.NewSecret(marker+"x")))
	assert.False(t, a.Equal(b24.Secret{}))
	assert.False(t, b24.Secret{}.Equal(a))
	assert.True(t, b24.Secret{}.Equal(b24.NewSecret("")))
	assert.True(t, reflect.DeepEqual(b24.AuthData{AccessToken: a}, b24.AuthData{AccessToken: c}), "a test compares copies")
	assert.False(t, reflect.DeepEqual(a, b))
	assert.False(t, reflect.TypeFor[b24.Secret]().Comparable(), "== would not be constant in time, and a map's key would be found by it")
}

func TestSecretZero(t *testing.T) {
	t.Parallel()
	for _, s := range []b24.Secret{{}, b24.NewSecret("")} {
		assert.True(t, s.IsZero())
		assert.Empty(t, s.Reveal())
		assert.True(t, reflect.ValueOf(s).IsZero())
	}
	assert.False(t, b24.NewSecret(" ").IsZero())
	assert.Equal(t, marker, b24.NewSecret(marker).Reveal())
}

// A Secret among parameters would be sent as ***, and stored.
func TestSecretIsNoParameter(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	s := b24.NewSecret(marker)
	for name, params := range map[string]any{
		"value": b24.Params{"fields": b24.Params{"KEY": s}}, "pointer": b24.Params{"fields": b24.Params{"KEY": &s}},
		"list": b24.Params{"fields": b24.Params{"KEY": []b24.Secret{s}}}, "ordered": b24.Ordered{b24.KV("fields", b24.Ordered{b24.KV("KEY", s)})},
		"struct": struct {
			Fields struct{ KEY *b24.Secret } `json:"fields"`
		}{struct{ KEY *b24.Secret }{&s}},
		"map": map[string]map[string]b24.Secret{"fields": {"KEY": s}},
	} {
		for _, call := range []func() error{
			func() error { _, err := h.CallMethod(t.Context(), "app.option.set", params); return err },
			func() error { _, err := h.V3().CallMethod(t.Context(), "app.option.set", params); return err },
			func() error {
				_, err := h.CallBatch(t.Context(), b24.Commands{{Method: "app.option.set", Params: params}})
				return err
			},
			func() error {
				for _, err := range b24.StreamBatch(t.Context(), h, func(yield func(b24.Command) bool) { yield(b24.Command{Method: "x.y", Params: params}) }) {
					return err
				}
				return nil
			},
		} {
			err := call()
			require.ErrorIs(t, err, b24.ErrInvalidParams, name)
			assert.ErrorContains(t, err, "fields.KEY", name)
			assert.ErrorContains(t, err, "Reveal", name)
		}
	}
	assert.Empty(t, p.Requests())
	answers(p, "app.option.set", 1)
	_, err := h.CallMethod(t.Context(), "app.option.set", b24.Params{"a": "***", "b": s.Reveal()})
	require.NoError(t, err)
}
