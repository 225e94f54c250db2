package b24test

import (
	"fmt"
	"time"
)

const usualKeptFile = 16 << 20

// WithLinkLife makes the signed links of files (DOWNLOAD_URL, urlMachine, uploadUrl) end after d:
// they then answer 401 expired_token. Links of an application end with its access token, within an
// hour; those of a webhook do not end, so the default is 0, no end. A negative d is an error.
func WithLinkLife(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return fmt.Errorf("link life: %v is negative", d)
		}
		c.linkLife = d
		return nil
	}
}

// WithKeptFiles holds uploads of up to n bytes in memory instead of 16 MiB. Of a larger one the
// portal keeps the size and the hash, and its download fails the test, except if its bytes are those
// of [FileContent]. A negative n is an error.
func WithKeptFiles(n int64) Option {
	return func(c *config) error {
		if n < 0 {
			return fmt.Errorf("kept files: %d bytes is negative", n)
		}
		c.keptFile = n
		return nil
	}
}

// WithoutRanges makes downloads ignore the header Range and answer 200 with the whole file, as a
// portal may for files in a cloud storage.
func WithoutRanges() Option {
	return func(c *config) error {
		c.rangeless = true
		return nil
	}
}
