package b24

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync/atomic"
)

const clientSideWarning = "b24: this program runs in a browser and holds a webhook's secret, which every visitor can read; call the portal from a server"

// clientSide warns once where the program is built for a browser.
type clientSide struct{ done atomic.Bool }

func (s *clientSide) off() { s.done.Store(true) }

func (s *clientSide) warn(ctx context.Context, l *logger) {
	if runtime.GOOS != "js" || s.done.Swap(true) {
		return
	}
	if l.enabled(ctx, slog.LevelWarn) {
		l.log(ctx, slog.LevelWarn, clientSideWarning)
		return
	}
	// Silence is for logs; this must be seen. A browser shows it in its console.
	_, _ = fmt.Fprintln(os.Stderr, clientSideWarning)
}
