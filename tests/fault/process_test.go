package fault

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"orderspayments/tests/support"
)

// supervisorConf names the socket of the system's supervisor.
var supervisorConf = filepath.Join(support.Setting("LOCAL_DIR", "../../.local"), "supervisord.conf")

// pidOf is the process that does the work of a supervised part. What the supervisor knows may
// be a shell that started it: then it is the last of the line of only children.
func pidOf(ctx context.Context, part string) (int, error) {
	output, err := exec.CommandContext(ctx, "supervisorctl", "-c", supervisorConf, "pid", part).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", part, err, output)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(output)))
	if err != nil || pid <= 0 {
		return 0, fmt.Errorf("%s does not run: %s", part, output)
	}
	for isShell(pid) {
		if pid, err = onlyChild(pid); err != nil {
			return 0, fmt.Errorf("%s: %w", part, err)
		}
	}
	return pid, nil
}

func isShell(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && strings.HasSuffix(strings.TrimSpace(string(name)), "sh")
}

func onlyChild(pid int) (int, error) {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(children)))
}
