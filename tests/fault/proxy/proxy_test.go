package proxy

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	answerTimeout = 5 * time.Second
	// silenceTime without an answer is taken for none coming.
	silenceTime = 100 * time.Millisecond
)

// server answers each line with the same line, and tells of each.
type server struct {
	listener net.Listener
	lines    chan string
}

func startServer(t *testing.T) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &server{listener, make(chan string, 100)}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(connection)
		}
	}()
	return s
}

func (s *server) serve(connection net.Conn) {
	defer connection.Close()
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		s.lines <- lines.Text()
		io.WriteString(connection, lines.Text()+"\n")
	}
	s.lines <- "end"
}

// heard is the next line that reached the server, or empty if none does.
func (s *server) heard(limit time.Duration) string {
	select {
	case line := <-s.lines:
		return line
	case <-time.After(limit):
		return ""
	}
}

type client struct {
	t          *testing.T
	connection *net.TCPConn
	replies    *bufio.Reader
}

func connect(t *testing.T, p *Proxy) *client {
	t.Helper()
	connection, err := net.DialTCP("tcp", nil, p.listener.Addr().(*net.TCPAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return &client{t, connection, bufio.NewReader(connection)}
}

func (c *client) say(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.connection, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) reply(limit time.Duration) (string, error) {
	c.connection.SetReadDeadline(time.Now().Add(limit))
	line, err := c.replies.ReadString('\n')
	return strings.TrimSpace(line), err
}

func (c *client) expectReply(want string) {
	c.t.Helper()
	if got, err := c.reply(answerTimeout); err != nil || got != want {
		c.t.Errorf("reply %q, %v; want %q", got, err, want)
	}
}

func (c *client) expectSilence() {
	c.t.Helper()
	var timeout net.Error
	if got, err := c.reply(silenceTime); !errors.As(err, &timeout) || !timeout.Timeout() {
		c.t.Errorf("reply %q, %v; want none", got, err)
	}
}

func (c *client) expectReset() {
	c.t.Helper()
	if got, err := c.reply(answerTimeout); !errors.Is(err, syscall.ECONNRESET) {
		c.t.Errorf("reply %q, %v; want a reset", got, err)
	}
}

// expectRefusal takes a reset as one, whether it comes before or after the dial returns.
func expectRefusal(t *testing.T, p *Proxy) {
	t.Helper()
	connection, err := net.DialTCP("tcp", nil, p.listener.Addr().(*net.TCPAddr))
	if err == nil {
		defer connection.Close()
		connection.SetReadDeadline(time.Now().Add(answerTimeout))
		_, err = connection.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v, want a reset", err)
	}
}

func start(t *testing.T) (*Proxy, *server) {
	t.Helper()
	s := startServer(t)
	p, err := Start(s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, s
}

func TestBytesPassBothWaysAndSoDoesTheEnd(t *testing.T) {
	p, s := start(t)
	c := connect(t, p)
	c.say("hello\n")
	c.expectReply("hello")
	c.connection.CloseWrite()
	if s.heard(answerTimeout); s.heard(answerTimeout) != "end" {
		t.Error("the server does not see that the client has ended")
	}
	if _, err := c.reply(answerTimeout); !errors.Is(err, io.EOF) {
		t.Errorf("%v, want the server's end", err)
	}
}

func TestCutResetsWhatIsOpenAndAdmitsNewConnections(t *testing.T) {
	p, _ := start(t)
	c := connect(t, p)
	c.say("hello\n")
	c.expectReply("hello")
	p.Cut()
	c.expectReset()
	again := connect(t, p)
	again.say("again\n")
	again.expectReply("again")
}

func TestHangUpEndsInGoodOrder(t *testing.T) {
	p, _ := start(t)
	c := connect(t, p)
	c.say("hello\n")
	c.expectReply("hello")
	p.HangUp()
	if _, err := c.reply(answerTimeout); !errors.Is(err, io.EOF) {
		t.Errorf("%v, want an end in good order", err)
	}
}

func TestRefuseResetsOldAndNewUntilHealed(t *testing.T) {
	p, _ := start(t)
	old := connect(t, p)
	old.say("hello\n")
	old.expectReply("hello")
	p.Refuse()
	old.expectReset()
	expectRefusal(t, p)
	p.Heal()
	c := connect(t, p)
	c.say("well\n")
	c.expectReply("well")
}

func TestWhatIsHeldArrivesAfterTheHealing(t *testing.T) {
	for name, held := range map[string]struct {
		direction Direction
		heard     string
	}{
		"to the server": {ToServer, ""},
		"to the client": {ToClient, "lost?"},
		"both ways":     {Both, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, s := start(t)
			c := connect(t, p)
			c.say("hello\n")
			c.expectReply("hello")
			s.heard(answerTimeout)
			p.Hold(held.direction)
			c.say("lost?\n")
			c.expectSilence()
			if heard := s.heard(silenceTime); heard != held.heard {
				t.Errorf("the server heard %q, want %q", heard, held.heard)
			}
			p.Heal()
			c.expectReply("lost?")
		})
	}
}

func TestAHeldConnectionCanBeCut(t *testing.T) {
	p, _ := start(t)
	p.Hold(Both)
	c := connect(t, p)
	c.say("hello\n")
	c.expectSilence()
	p.Cut()
	c.expectReset()
}

func TestADelayMovesEveryByte(t *testing.T) {
	p, _ := start(t)
	const delay = 50 * time.Millisecond
	p.Delay(delay)
	c := connect(t, p)
	sent := time.Now()
	c.say("hello\n")
	c.expectReply("hello")
	if took := time.Since(sent); took < 2*delay {
		t.Errorf("there and back took %v, less than twice %v", took, delay)
	}
}

func TestARequestIsJudgedWhereverItsBytesAreSplit(t *testing.T) {
	for name, want := range map[string]struct {
		verdict Verdict
		heard   string
		client  func(*client)
	}{
		"passed":     {Pass, "COMMIT", func(c *client) { c.expectReply("COMMIT") }},
		"cut before": {CutBefore, "COM", (*client).expectReset},
		"cut after":  {CutAfter, "COMMIT", (*client).expectReset},
		"silenced":   {Silence, "COMMIT", (*client).expectSilence},
	} {
		t.Run(name, func(t *testing.T) {
			p, s := start(t)
			p.OnRequest(func(n int) Verdict {
				if n == 2 {
					return want.verdict
				}
				return Pass
			}, "MIT or end", "COMMIT")
			c := connect(t, p)
			c.say("COMMIT\n")
			c.expectReply("COMMIT")
			s.heard(answerTimeout)
			c.say("COM")
			c.expectSilence()
			c.say("MIT\n")
			want.client(c)
			if heard := s.heard(answerTimeout); heard != want.heard {
				t.Errorf("the server heard %q, want %q", heard, want.heard)
			}
			if seen := p.Requests(); len(seen) != 1 || seen["COMMIT"] != 2 {
				t.Errorf("%v requests, want 2", seen)
			}
		})
	}
}

func TestCloseLeavesNoConnection(t *testing.T) {
	p, _ := start(t)
	c := connect(t, p)
	c.say("hello\n")
	c.expectReply("hello")
	p.Close()
	c.expectReset()
	if p.Connections() != 0 {
		t.Errorf("%d connections are left", p.Connections())
	}
}
