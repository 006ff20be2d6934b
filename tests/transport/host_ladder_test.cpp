// Hosts whose candidates do not answer: they are reached by the lower rungs of the ladder.
#include <doctest.h>

#include <asio/ip/udp.hpp>

#include "host_fixture.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/listener.hpp"
#include "reload_bytes.hpp"

namespace host_ladder_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::two_hosts;
using transport::rung;

namespace {

constexpr std::uint16_t dead_port = 1;
constexpr std::uint16_t https_port = 10443;
constexpr std::uint16_t http_port = 10080;
constexpr std::uint16_t relay_port = 16099;

transport::endpoint at(std::uint8_t net, std::uint8_t number, std::uint16_t port) {
  return {asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, number}), port};
}

std::vector<transport::candidate> nowhere(std::uint8_t net) {
  return {{transport::link_kind::dtls, at(net, 2, dead_port)}, {transport::link_kind::tls, at(net, 2, dead_port)}};
}

two_hosts::tuning only_by(std::uint16_t https, std::uint16_t http, std::optional<transport::http_proxy> proxy = {}) {
  return [=](transport::host_options& o) {
    o.ladder.https = https;
    o.ladder.http = http;
    o.ladder.proxy = proxy;
  };
}

// A proxy that lets through to one port, which leads to another; what it was asked stands in `asked`.
class small_proxy {
 public:
  small_proxy(core::environment& env, transport::endpoint where, std::uint16_t allowed, std::uint16_t behind)
      : env_(env), allowed_(allowed), behind_(behind), scope_(env) {
    auto opened = transport::listen_tcp(env, std::move(where));
    REQUIRE(opened);
    listener_ = std::move(*opened);
    scope_.spawn(serve());
  }
  core::awaitable<void> stop() {
    listener_->close();
    scope_.cancel();
    co_await scope_.join();
  }
  std::vector<std::string> asked;

 private:
  core::awaitable<void> serve() {
    while (true) {  // ends with the listener
      auto s = co_await listener_->accept();
      if (!s) co_return;
      scope_.spawn(tunnel(std::move(*s)));
    }
  }

  core::awaitable<void> tunnel(std::unique_ptr<transport::stream> in) {
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {  // ends with the head
      std::array<std::uint8_t, 1024> buffer{};
      const auto n = co_await in->read(buffer, env_.now() + 5s);
      if (!n) co_return;
      head += core::as_text(core::byte_view(buffer).first(*n));
    }
    asked.push_back(head.substr(0, head.find("\r\n")));
    auto target = *transport::endpoint::parse(std::string_view(head).substr(8, head.find(" HTTP") - 8));
    std::string answer = "HTTP/1.1 403 Forbidden\r\n\r\n";
    if (target.port != allowed_) {
      const auto told = co_await in->write(core::as_bytes(answer), env_.now() + 5s);
      CHECK(told);
      co_return;
    }
    target.port = behind_;
    auto out = co_await transport::open_tcp_stream(env_, {}, target, env_.now() + 5s);
    REQUIRE(out);
    answer = "HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n";
    const auto told = co_await in->write(core::as_bytes(answer), env_.now() + 5s);
    CHECK(told);
    const std::shared_ptr<transport::stream> near(std::move(in));
    const std::shared_ptr<transport::stream> far(std::move(*out));
    scope_.spawn(pass(env_, near, far));
    co_await pass(env_, far, near);
  }

  static core::awaitable<void> pass(core::environment& env, std::shared_ptr<transport::stream> from,
                                    std::shared_ptr<transport::stream> to) {
    while (true) {  // ends with either end
      std::array<std::uint8_t, 4096> buffer{};
      const auto n = co_await from->read(buffer, core::time_point::max());
      if (!n) break;
      const auto written = co_await to->write(core::byte_view(buffer).first(*n), env.now() + 5s);
      if (!written) break;
    }
    to->close();
  }

  core::environment& env_;
  std::uint16_t allowed_;
  std::uint16_t behind_;
  std::unique_ptr<transport::stream_listener> listener_;
  core::task_scope scope_;
};

core::awaitable<void> link_and_talk(two_hosts& w, std::uint8_t net, rung expected) {
  auto connected = co_await w.a->connect(nowhere(net), testing::numbered(2), w.world.env->now() + 5s);
  REQUIRE_MESSAGE(connected.has_value(), (connected ? "" : connected.error().message()));
  const auto ours = std::move(*connected);
  CHECK(transport::text_of(ours->by()) == transport::text_of(expected));
  CHECK(ours->kind() == transport::link_kind::tls);
  CHECK(ours->remote() == at(net, 2, dead_port));  // the candidate, whatever stands between
  testing::notes here(*w.world.env);
  testing::notes there(*w.world.env);
  ours->observe(&here);
  const auto theirs = co_await w.at_b.links.receive(w.world.env->now() + 5s);
  REQUIRE(theirs);
  (*theirs)->observe(&there);
  const auto message = testing::reload_message(1, 20'000);
  CHECK(ours->send(message, 1));
  CHECK((*theirs)->send(message, 1));
  CHECK((co_await there.messages.receive(w.world.env->now() + 5s)).value() == message);
  CHECK((co_await here.messages.receive(w.world.env->now() + 5s)).value() == message);
  ours->close();
  CHECK((co_await there.closed.receive(w.world.env->now() + 5s)).has_value());
  (*theirs)->observe(nullptr);
}

// Stands for the path of UDP to a host: cut, it swallows all.
class udp_relay {
 public:
  udp_relay(asio::io_context& io, const transport::endpoint& near, const transport::endpoint& far)
      : near_(io, {near.address, near.port}), far_(io, {near.address, 0}), far_end_(far.address, far.port) {
    hear(near_, [this](std::size_t n) {
      client_ = from_;
      if (!cut) far_.send_to(asio::buffer(buffer_, n), far_end_);
    });
    hear(far_, [this](std::size_t n) {
      if (!cut) near_.send_to(asio::buffer(buffer_, n), client_);
    });
  }
  void close() {
    near_.close();
    far_.close();
  }
  bool cut = false;

 private:
  using udp = asio::ip::udp;
  void hear(udp::socket& s, std::function<void(std::size_t)> pass) {
    s.non_blocking(true);
    s.async_wait(udp::socket::wait_read, [this, &s, pass](const asio::error_code& ec) {
      if (ec) return;
      asio::error_code empty;
      while (!empty) {
        const auto n = s.receive_from(asio::buffer(buffer_), from_, 0, empty);
        if (!empty) pass(n);
      }
      hear(s, pass);
    });
  }

  udp::socket near_, far_;
  udp::endpoint far_end_, client_, from_;
  std::array<char, 65536> buffer_{};
};

std::vector<transport::candidate> by_relay(std::uint8_t net) {
  return {{transport::link_kind::dtls, at(net, 2, relay_port)}, {transport::link_kind::tls, at(net, 2, dead_port)}};
}

core::awaitable<void> until_by(two_hosts& w, transport::link& l, rung expected) {
  const auto end = w.world.env->now() + 10s;
  while (l.by() != expected && w.world.env->now() < end) co_await core::sleep_for(*w.world.env, 20ms);
  CHECK(transport::text_of(l.by()) == transport::text_of(expected));
}

// Numbered messages, some of which take several datagrams.
class talker {
 public:
  talker(core::environment& env, transport::link& l) : env_(env), link_(l) {}
  core::awaitable<void> run() {
    while (!over) {  // ends when told
      const auto message = testing::reload_message(sent + 1, sent % 7 == 0 ? 3000 : 200);
      if (link_.send(message, sent + 1)) ++sent;
      co_await core::sleep_for(env_, 3ms);
    }
  }
  std::uint64_t sent = 0;
  bool over = false;

 private:
  core::environment& env_;
  transport::link& link_;
};

core::awaitable<void> check_all(core::environment& env, testing::notes& heard, std::uint64_t count) {
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto m = co_await heard.messages.receive(env.now() + 10s);
    REQUIRE(m);
    CHECK(*m == testing::reload_message(i, (i - 1) % 7 == 0 ? 3000 : 200));
  }
  CHECK(heard.messages.empty());
}

core::awaitable<void> move_about(two_hosts& w, udp_relay& relay, std::uint8_t net) {
  auto& env = *w.world.env;
  auto connected = co_await w.a->connect(by_relay(net), testing::numbered(2), env.now() + 5s);
  REQUIRE(connected);
  const auto ours = *connected;
  CHECK(ours->by() == rung::dtls);
  const auto theirs = co_await w.at_b.links.receive(env.now() + 5s);
  REQUIRE(theirs);
  testing::notes here(env);
  testing::notes there(env);
  ours->observe(&here);
  (*theirs)->observe(&there);
  talker us(env, *ours);
  talker them(env, **theirs);
  core::task_scope talk(env);
  talk.spawn(us.run());
  talk.spawn(them.run());
  for (int i = 0; i < 2; ++i) {
    co_await core::sleep_for(env, 200ms);
    relay.cut = true;
    co_await until_by(w, *ours, rung::https);
    CHECK((*theirs)->kind() == transport::link_kind::tls);
    co_await core::sleep_for(env, 200ms);
    relay.cut = false;
    co_await until_by(w, *ours, rung::dtls);
  }
  co_await core::sleep_for(env, 200ms);
  us.over = them.over = true;
  co_await talk.join();
  co_await check_all(env, there, us.sent);
  co_await check_all(env, here, them.sent);
  for (int i = 0; i < 500 && here.acknowledged.size() < us.sent; ++i) co_await core::sleep_for(env, 10ms);
  CHECK(here.acknowledged.size() == us.sent);
  CHECK(w.at_b.links.empty());  // all that was one link
  ours->close();
  CHECK((co_await there.closed.receive(env.now() + 5s)).has_value());
  (*theirs)->observe(nullptr);
}

core::awaitable<void> get_web(two_hosts& w, transport::endpoint to, transport::ladder_options ladder,
                              core::result<transport::http_response>& into) {
  transport::tls_client_options o;
  o.alpn = {"http/1.1"};
  o.server_name = "www.example.com";
  o.anchors_pem = {w.web.chain_pem};
  auto s = co_await transport::open_tls_stream_by_ladder(*w.world.env, at(40, 1, 0).address, to, std::move(o), std::move(ladder),
                                                         w.world.env->now() + 5s);
  if (!s) {
    into = core::fail(s.error());
    co_return;
  }
  transport::http_request r;
  into = co_await transport::request_http(**s, "www.example.com", std::move(r), w.world.env->now() + 5s);
}

// Answers every HTTP stream.
class web_server final : public transport::stream_service {
 public:
  explicit web_server(core::environment& env) : env_(env), scope_(env) {}
  void on_stream(std::unique_ptr<transport::stream> s) override { scope_.spawn(transport::serve_http(env_, std::move(s), handler_, {})); }
  core::awaitable<void> stop() {
    scope_.cancel();
    co_await scope_.join();
  }

 private:
  static core::awaitable<transport::http_response> answer(transport::http_request r) {
    transport::http_response out;
    out.body = r.target;
    co_return out;
  }
  core::environment& env_;
  transport::http_handler handler_ = answer;
  core::task_scope scope_;
};

}  // namespace

TEST_CASE("where the candidates do not answer, TLS on the port of HTTPS links") {
  two_hosts w(30, only_by(https_port, 0));
  w.world.run(link_and_talk(w, 30, rung::https));
  w.world.run(w.stop());
}

TEST_CASE("where only HTTP goes, an Upgrade with TLS inside links") {
  two_hosts w(31, only_by(0, http_port));
  w.world.run(link_and_talk(w, 31, rung::upgrade));
  w.world.run(w.stop());
}

TEST_CASE("where only a proxy goes, CONNECT links, by the port that the proxy allows") {
  constexpr std::uint16_t closed_port = 2;  // which only the proxy leads through
  const transport::http_proxy proxy{"127.20.32.9", 13128, {}, {}};
  two_hosts w(32, only_by(closed_port, dead_port, proxy));
  small_proxy p(*w.world.env, at(32, 9, 13128), closed_port, https_port);
  w.world.run(link_and_talk(w, 32, rung::proxy_https));
  CHECK(p.asked == std::vector<std::string>{"CONNECT 127.20.32.2:2 HTTP/1.1"});
  w.world.run(p.stop());
  w.world.run(w.stop());
}

TEST_CASE("the winner goes first the next time, and is kept") {
  std::string kept;
  two_hosts w(33, [&](transport::host_options& o) {
    only_by(https_port, http_port)(o);
    o.keep_rungs = [&](const transport::rung_memory& m) { kept = m.print(); };
  });
  w.world.run(link_and_talk(w, 33, rung::https));
  CHECK(kept.find(" https ") != std::string::npos);
  const auto first = kept;
  w.world.run(link_and_talk(w, 33, rung::https));
  CHECK(kept == first);  // the same winner is no news
  w.world.run(w.stop());
}

TEST_CASE("a link goes on by TLS when UDP falls silent, and by DTLS when it is back: nothing is lost, doubled or out of order") {
  two_hosts w(34, [](transport::host_options& o) {
    only_by(https_port, 0)(o);
    o.ladder.climb_first = 300ms;
  });
  udp_relay relay(w.world.io, at(34, 2, relay_port), at(34, 2, 16084));
  w.world.run(move_about(w, relay, 34), 60s);
  relay.close();
  w.world.run(w.stop());
}

TEST_CASE("a link that was made by a lower rung climbs as soon as a better one goes") {
  two_hosts w(35, [](transport::host_options& o) {
    only_by(https_port, 0)(o);
    o.ladder.climb_first = 200ms;
  });
  udp_relay relay(w.world.io, at(35, 2, relay_port), at(35, 2, 16084));
  relay.cut = true;
  const auto climb = [](two_hosts& t, udp_relay& r) -> core::awaitable<void> {
    auto l = co_await t.a->connect(by_relay(35), testing::numbered(2), t.world.env->now() + 5s);
    REQUIRE(l);
    CHECK((*l)->by() == rung::https);
    testing::notes here(*t.world.env);
    (*l)->observe(&here);
    r.cut = false;
    co_await until_by(t, **l, rung::dtls);
    CHECK((*l)->kind() == transport::link_kind::dtls);
    (*l)->close();
    CHECK((co_await here.closed.receive(t.world.env->now() + 5s)).has_value());
  };
  w.world.run(climb(w, relay));
  relay.close();
  w.world.run(w.stop());
}

TEST_CASE("a web server is reached by Upgrade where its own port is closed, and its other requests are answered as ever") {
  two_hosts w(40);
  web_server server(*w.world.env);
  w.b->serve(transport::stream_kind::http, &server);
  transport::ladder_options ladder;
  ladder.http = http_port;
  core::result<transport::http_response> got = core::fail(core::errc::invalid);
  w.world.run(get_web(w, at(40, 2, dead_port), ladder, got));
  REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().message()));
  CHECK(got->body == "/");
  ladder.http = 0;
  w.world.run(get_web(w, at(40, 2, dead_port), ladder, got));
  CHECK(got.error() == transport::errc::refused);
  const auto plain = [](two_hosts& t, std::string target, core::result<transport::http_response>& into) -> core::awaitable<void> {
    auto s = co_await transport::open_tcp_stream(*t.world.env, {}, at(40, 2, http_port), t.world.env->now() + 5s);
    REQUIRE(s);
    transport::http_request r;
    r.target = std::move(target);
    into = co_await transport::request_http(**s, "www.example.com", std::move(r), t.world.env->now() + 5s);
  };
  for (const auto* target : {"/", "/phyllo-reload", "/phyllo-reloads"}) {
    w.world.run(plain(w, target, got));
    REQUIRE(got);
    CHECK(got->body == target);
  }
  w.b->serve(transport::stream_kind::http, nullptr);
  w.world.run(server.stop());
  w.world.run(w.stop());
}

}  // namespace host_ladder_test
