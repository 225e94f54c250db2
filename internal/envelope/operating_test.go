package envelope_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/envelope"
)

func TestOperating(t *testing.T) {
	t.Parallel()
	now := time.Unix(2000, 0)
	for _, test := range []struct {
		timing     string
		used, left time.Duration
		known      bool
	}{
		{`{"start":1000,"finish":1000.5,"operating":1.5,"operating_reset_at":1010}`, 1500 * time.Millisecond, 9500 * time.Millisecond, true},
		{`{"operating_reset_at":1010,"finish":1000,"operating":0}`, 0, 10 * time.Second, true},
		{`{"operating_reset_at":2010,"operating":2}`, 2 * time.Second, 10 * time.Second, true}, // no clock of the portal: ours
		{`{"operating_reset_at":1010,"operating":2}`, 2 * time.Second, 0, true},
		{"{ \"operating\" : \"2.0\" ,\n\"finish\" : 5 }", 2 * time.Second, 0, true},
		{`{"start":1,"finish":2,"operating_reset_at":1010}`, 0, 0, false},
		{`{"operating":null,"operating_reset_at":1010}`, 0, 0, false},
		{`{"operating":-1}`, 0, 0, false},
		{`{"operating":1e300}`, 0, 0, false},
		{`{"operating":1`, 0, 0, false},
		{`{"not_operating":1,"x":"operating"}`, 0, 0, false},
		{`[]`, 0, 0, false},
		{``, 0, 0, false},
	} {
		used, left, known := envelope.Operating([]byte(test.timing), now)
		assert.Equal(t, test.known, known, test.timing)
		assert.Equal(t, test.used, used, test.timing)
		assert.Equal(t, test.left, left, test.timing)
	}
}

func FuzzOperating(f *testing.F) {
	f.Add([]byte(`{"finish":1000.5,"operating":1.5,"operating_reset_at":1010}`))
	f.Add([]byte(`{"operating":"`))
	f.Fuzz(func(t *testing.T, timing []byte) {
		used, left, known := envelope.Operating(timing, time.Unix(2000, 0))
		if used < 0 || left < 0 || !known && (used != 0 || left != 0) {
			t.Fatalf("%v %v %t", used, left, known)
		}
	})
}
