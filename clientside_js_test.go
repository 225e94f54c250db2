package b24_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

func TestClientSideWarning(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelWarn)))
	answers(p, "profile", true)
	for range 3 {
		_, err := h.CallMethod(t.Context(), "profile", nil)
		require.NoError(t, err)
	}
	assert.Equal(t, 1, strings.Count(sink.String(), "browser")) // once
}

func TestOffClientSideWarning(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelWarn)))
	answers(p, "profile", true)
	h.OffClientSideWarning()

	_, err := h.CallMethod(t.Context(), "profile", nil)

	require.NoError(t, err)
	assert.Empty(t, sink.String())
}
