package simulate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/study"
)

// Identity says what was simulated and by what. Results merge only where it is one.
type Identity struct {
	// Build is the version of trialkit, Go and the architecture; where the version does
	// not name the code exactly, the hash of the program stands beside.
	Build    string `json:"build"`
	Protocol string `json:"protocol"` // SHA-256
	Truth    string `json:"truth"`    // SHA-256
	// Settings is the hash of the plans and of what else changes a trial's answers.
	Settings string `json:"settings"`
	Seed     uint64 `json:"seed"`
	Trials   int    `json:"trials"` // planned
}

func identityOf(p study.Protocol, t Truth, opt Options, plans []study.Plan) (Identity, error) {
	build, err := buildOf()
	if err != nil {
		return Identity{}, fmt.Errorf("simulate: %w", err)
	}
	id := Identity{Build: build, Seed: opt.Seed, Trials: opt.Trials}
	for _, x := range []struct {
		dst *string
		of  any
	}{{&id.Protocol, p}, {&id.Truth, t}, {&id.Settings, []any{plans, opt.Statistics, opt.NoResponders, opt.Precision}}} {
		b, err := json.Marshal(x.of)
		if err != nil {
			return Identity{}, fmt.Errorf("simulate: %w", err)
		}
		h := sha256.Sum256(b)
		*x.dst = hex.EncodeToString(h[:])
	}
	return id, nil
}

// buildOf names the code that runs.
var buildOf = sync.OnceValues(func() (string, error) {
	v := study.Version()
	out := fmt.Sprintf("trialkit %s, %s, %s", v, runtime.Version(), runtime.GOARCH)
	if v != "devel" && !strings.Contains(v, ",") {
		return out, nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return out + ", program " + hex.EncodeToString(h.Sum(nil))[:16], nil
})
