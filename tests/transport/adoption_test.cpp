// Links and sessions over paths that somebody else has found: here a pair of plain UDP ports.
#include "phyllo/transport/adoption.hpp"

#include <doctest.h>

#include "host_fixture.hpp"
#include "phyllo/core/task_scope.hpp"

namespace adoption_test {

using namespace phyllo;
using namespace std::chrono_literals;
using transport::dtls_role;

namespace {

transport::endpoint at(std::uint8_t net, std::uint8_t number) {
  return {asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, number}), 0};
}

// A port of its own, and the one other end that it speaks to: as an ICE agent hands over its pair.
class plain_path final : public transport::datagram_channel, private transport::datagram_service {
 public:
  plain_path(transport::host& h, const transport::endpoint& here) : port_(h.open_port(here, *this).value()) {}
  ~plain_path() override {
    if (gone != nullptr) *gone = true;
  }
  plain_path(const plain_path&) = delete;
  plain_path& operator=(const plain_path&) = delete;

  void lead_to(const transport::endpoint& there) { remote_ = there; }
  void receive(transport::datagram_receiver* r) override { receiver_ = r; }
  core::status send(core::byte_view data) override { return port_->send(remote_, data); }
  [[nodiscard]] transport::endpoint local() const override { return port_->local(); }
  [[nodiscard]] transport::endpoint remote() const override { return remote_; }

  bool* gone = nullptr;

 private:
  void on_datagram(transport::datagram_port&, const transport::incoming_datagram& d) override {
    if (receiver_ != nullptr && d.from == remote_) receiver_->on_datagram(d.data);
  }

  std::shared_ptr<transport::datagram_port> port_;
  transport::endpoint remote_;
  transport::datagram_receiver* receiver_ = nullptr;
};

// Both ends of one path.
struct two_ends {
  explicit two_ends(std::uint8_t net)
      : w(net), a(std::make_unique<plain_path>(*w.a, at(net, 1))), b(std::make_unique<plain_path>(*w.b, at(net, 2))) {
    a->lead_to(b->local());
    b->lead_to(a->local());
  }
  testing::two_hosts w;
  std::unique_ptr<plain_path> a;
  std::unique_ptr<plain_path> b;
  [[nodiscard]] core::environment& env() const { return *w.world.env; }
};

using link_result = core::result<std::shared_ptr<transport::link>>;
using session_result = core::result<std::unique_ptr<transport::datagram_session>>;

transport::adoption terms(dtls_role role, std::uint8_t expected) { return {role, testing::numbered(expected)}; }

core::awaitable<void> adopt(transport::host& h, std::unique_ptr<plain_path> path, transport::adoption how, core::time_point deadline,
                            link_result& out) {
  out = co_await h.adopt(std::move(path), std::move(how), deadline);
}

core::awaitable<void> adopt_session(transport::host& h, std::unique_ptr<plain_path> path, std::string alpn, transport::adoption how,
                                    core::time_point deadline, session_result& out) {
  out = co_await h.adopt_session(std::move(path), std::move(alpn), std::move(how), deadline);
}

// Node 1 is active, and node 2 passive.
struct two_links {
  two_links(two_ends& p, std::uint8_t expected_by_a, std::uint8_t expected_by_b) {
    core::task_scope both(p.env());
    const auto deadline = p.env().now() + 3s;
    both.spawn(adopt(*p.w.a, std::move(p.a), terms(dtls_role::active, expected_by_a), deadline, a));
    both.spawn(adopt(*p.w.b, std::move(p.b), terms(dtls_role::passive, expected_by_b), deadline, b));
    p.w.world.run(both.join());
  }
  link_result a = core::fail(core::errc::invalid);
  link_result b = core::fail(core::errc::invalid);
};

struct two_sessions {
  two_sessions(two_ends& p, const std::string& alpn_of_a, const std::string& alpn_of_b) {
    core::task_scope both(p.env());
    const auto deadline = p.env().now() + 3s;
    both.spawn(adopt_session(*p.w.a, std::move(p.a), alpn_of_a, terms(dtls_role::active, 2), deadline, a));
    both.spawn(adopt_session(*p.w.b, std::move(p.b), alpn_of_b, terms(dtls_role::passive, 1), deadline, b));
    p.w.world.run(both.join());
  }
  session_result a = core::fail(core::errc::invalid);
  session_result b = core::fail(core::errc::invalid);
};

core::awaitable<void> talk(two_ends& p, transport::link& a, transport::link& b) {
  testing::notes at_a(p.env());
  testing::notes at_b(p.env());
  a.observe(&at_a);
  b.observe(&at_b);
  for (const std::size_t size : {std::size_t{12}, std::size_t{5000}}) {
    core::bytes message(size, 7);
    REQUIRE(a.send(message, 1));
    const auto asked = co_await at_b.messages.receive(p.env().now() + 3s);
    REQUIRE(asked.has_value());
    CHECK(*asked == message);
    REQUIRE(b.send(message, 2));
    const auto answered = co_await at_a.messages.receive(p.env().now() + 3s);
    REQUIRE(answered.has_value());
    CHECK(*answered == message);
  }
  a.close();
  const auto closed = co_await at_b.closed.receive(p.env().now() + 3s);
  CHECK(closed.has_value());
  b.observe(nullptr);
}

class listener final : public transport::session_observer {
 public:
  explicit listener(core::environment& env) : datagrams(env, 16), closed(env, 1) {}
  void on_datagram(core::byte_view data) override { datagrams.push(std::string(core::as_text(data))); }
  void on_closed(const core::error& why) override { closed.push(why); }
  core::mailbox<std::string> datagrams;
  core::mailbox<core::error> closed;
};

core::awaitable<void> hear(core::environment& env, listener& l, std::string text) {
  const auto heard = co_await l.datagrams.receive(env.now() + 3s);
  REQUIRE(heard.has_value());
  CHECK(*heard == text);
}

core::awaitable<void> converse(two_ends& p, std::unique_ptr<transport::datagram_session> a, transport::datagram_session& b) {
  listener at_a(p.env());
  listener at_b(p.env());
  REQUIRE(a->send(core::as_bytes("before anybody hears")));
  REQUIRE(a->send(core::as_bytes("and another one")));
  co_await core::sleep_for(p.env(), 50ms);
  b.observe(&at_b);
  co_await hear(p.env(), at_b, "before anybody hears");
  co_await hear(p.env(), at_b, "and another one");
  a->observe(&at_a);
  REQUIRE(b.send(core::as_bytes("answer")));
  co_await hear(p.env(), at_a, "answer");
  const core::bytes most(a->bytes_max(), 'x');
  REQUIRE(a->send(most));
  co_await hear(p.env(), at_b, std::string(most.size(), 'x'));
  const core::bytes more(a->bytes_max() + 1, 'x');
  CHECK(a->send(more).error() == transport::errc::too_large);
  a.reset();
  const auto closed = co_await at_b.closed.receive(p.env().now() + 3s);
  CHECK(closed.has_value());
  CHECK(b.send(core::as_bytes("too late")).error() == transport::errc::closed);
}

}  // namespace

TEST_CASE("two hosts adopt the ends of a path: a link is up, and carries messages whole and in parts") {
  two_ends p(80);
  const auto there = p.b->local();
  const two_links links(p, 2, 1);
  REQUIRE_MESSAGE(links.a.has_value(), (links.a ? "" : links.a.error().message()));
  REQUIRE_MESSAGE(links.b.has_value(), (links.b ? "" : links.b.error().message()));
  CHECK((*links.a)->peer().node() == testing::numbered(2));
  CHECK((*links.b)->peer().node() == testing::numbered(1));
  CHECK((*links.a)->kind() == transport::link_kind::dtls);
  CHECK((*links.a)->remote() == there);
  CHECK(p.w.at_b.links.empty());  // it is whose path it was
  CHECK(p.w.b_metrics.text().find("phyllo_links{transport=\"dtls\"} 1") != std::string::npos);
  p.w.world.run(talk(p, **links.a, **links.b));
  p.w.world.run(p.w.stop());
}

TEST_CASE("either end of an adopted path refuses another node than the one that it expects") {
  for (const bool active : {true, false}) {
    CAPTURE(active);
    two_ends p(active ? 81 : 82);
    const two_links links(p, active ? 3 : 2, active ? 1 : 3);
    REQUIRE_FALSE(links.a.has_value());
    REQUIRE_FALSE(links.b.has_value());
    CHECK((active ? links.a : links.b).error() == transport::errc::wrong_peer);
    p.w.world.run(p.w.stop());
  }
}

TEST_CASE("a session of another protocol than links carries datagrams, which wait for who hears them, until one end goes") {
  two_ends p(83);
  two_sessions sessions(p, "phyllo-test", "phyllo-test");
  REQUIRE_MESSAGE(sessions.a.has_value(), (sessions.a ? "" : sessions.a.error().message()));
  REQUIRE_MESSAGE(sessions.b.has_value(), (sessions.b ? "" : sessions.b.error().message()));
  CHECK((*sessions.a)->peer().node() == testing::numbered(2));
  CHECK((*sessions.b)->peer().node() == testing::numbered(1));
  p.w.world.run(converse(p, std::move(*sessions.a), **sessions.b));
  sessions.b = core::fail(core::errc::invalid);
  p.w.world.run(p.w.stop());
}

TEST_CASE("ends that mean different protocols make no session") {
  two_ends p(84);
  const two_sessions sessions(p, "phyllo-test", "phyllo-other");
  CHECK_FALSE(sessions.a.has_value());
  CHECK_FALSE(sessions.b.has_value());
  p.w.world.run(p.w.stop());
}

TEST_CASE("a path whose other end is silent is given up at the deadline, and one that is cancelled at once") {
  two_ends p(85);
  bool a_gone = false;
  bool b_gone = false;
  p.a->gone = &a_gone;
  p.b->gone = &b_gone;
  p.a->lead_to(at(85, 77));
  link_result out = core::fail(core::errc::invalid);
  const auto start = p.env().now();
  p.w.world.run(adopt(*p.w.a, std::move(p.a), terms(dtls_role::active, 2), start + 300ms, out));
  CHECK(out.error() == transport::errc::timed_out);
  CHECK(p.env().now() - start >= 300ms);
  CHECK(a_gone);
  out = core::fail(core::errc::invalid);
  core::task_scope scope(p.env());
  scope.spawn(adopt(*p.w.b, std::move(p.b), terms(dtls_role::passive, 1), start + 30s, out));
  const auto cancel = [](core::environment& env, core::task_scope& s) -> core::awaitable<void> {
    co_await core::sleep_for(env, 50ms);
    s.cancel();
    co_await s.join();
  };
  p.w.world.run(cancel(p.env(), scope));
  CHECK(out.error() == core::errc::invalid);  // it never returned
  CHECK(b_gone);
  p.w.world.run(p.w.stop());
}

}  // namespace adoption_test
