// Very many connections at one host: what an idle one costs in memory, and a handshake in time. tools/bench connections runs a
// server, several clients, and the bare cryptography of it, each a process. Results are JSON objects, one a line.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/streambuf.hpp>
#include <asio/use_awaitable.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench_overlay.hpp"
#include "phyllo/core/shard.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "phyllo/transport/host.hpp"

using namespace phyllo;
using namespace phyllo::bench;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t reload_port = 6084;
constexpr std::uint16_t tls_port = 5061;

void say(const nlohmann::json& j) { std::cout << j.dump() << std::endl; }

// Waits for a line on standard input; its end is the word "quit".
class commands {
 public:
  explicit commands(core::environment& env) : input_(env.get_executor(), ::dup(0)) {}
  core::awaitable<std::string> next() {
    asio::error_code ec;
    co_await asio::async_read_until(input_, buffer_, '\n', asio::redirect_error(asio::use_awaitable, ec));
    std::string line;
    std::istream in(&buffer_);
    std::getline(in, line);
    co_return ec ? std::string("quit") : line;
  }

 private:
  asio::posix::stream_descriptor input_;
  asio::streambuf buffer_;
};

// Holds what comes: links without a word, streams with a reader each that says their bytes back.
class holder final : public transport::link_acceptor, public transport::link_observer, public transport::stream_service {
 public:
  explicit holder(core::environment& env) : env_(env), readers_(env) {}

  void on_link(std::shared_ptr<transport::link> l) override {
    l->observe(this);
    links_.emplace(l.get(), std::move(l));
  }
  void on_message(transport::link&, core::byte_view) override {}
  void on_acknowledged(transport::link&, std::uint64_t) override {}
  void on_overdue(transport::link&, std::uint64_t) override {}
  void on_closed(transport::link& l, const core::error&) override { links_.erase(&l); }
  void on_stream(std::unique_ptr<transport::stream> s) override { readers_.spawn(echo(std::move(s))); }

  [[nodiscard]] std::size_t links() const { return links_.size(); }
  [[nodiscard]] std::size_t streams() const { return readers_.running(); }
  core::awaitable<void> stop() {
    readers_.cancel();
    co_await readers_.join();
  }

 private:
  core::awaitable<void> echo(std::unique_ptr<transport::stream> s) {
    std::array<std::uint8_t, 2048> buffer{};  // as SIP's streams have it
    while (true) {                            // ends with the stream
      const auto n = co_await s->read(buffer, core::time_point::max());
      if (!n) co_return;
      const auto written = co_await s->write(core::byte_view(buffer).first(*n), env_.now() + 10s);
      if (!written) co_return;
    }
  }

  core::environment& env_;
  std::map<transport::link*, std::shared_ptr<transport::link>> links_;
  core::task_scope readers_;
};

struct settings {
  std::string directory;
  std::string address = "127.90.0.1";
  std::string kind = "tls";
  unsigned count = 1000;
  unsigned number = 0;  // of this client among others: its source addresses
  unsigned sources = 100;
  unsigned at_once = 64;
};

core::awaitable<void> serve(core::environment& env, const settings& s) {
  const bench_overlay overlay(s.directory);
  core::metrics metrics;
  transport::host_options o;
  o.address = asio::ip::make_address(s.address);
  o.ports = {reload_port, 0, tls_port, 0, 0, 0};
  o.limits.connections_max = 50'000;
  const auto web = identity::make_web_certificate({"bench.example.com"}, std::chrono::system_clock::now(), 24h);
  auto host = transport::host::open(env, o, overlay.credential(env), overlay.trust, {web.certificate_pem, web.key_pem}, metrics, {});
  if (!host) throw std::runtime_error(host.error().message());
  holder h(env);
  (*host)->accept(&h);
  (*host)->serve(transport::stream_kind::text, &h);
  (*host)->serve(transport::stream_kind::http, &h);
  commands input(env);
  say({{"ready", true}});
  while (true) {  // ends with "quit"
    const auto line = co_await input.next();
    if (line == "quit") break;
    say({{"links", h.links()}, {"streams", h.streams()}, {"cpu_s", cpu_seconds()}, {"drops", metrics.drops()}});
  }
  co_await h.stop();
  co_await (*host)->stop();
}

// Opens its share of connections from many addresses, keeps them, and says how many live when asked.
class client {
 public:
  client(core::environment& env, const settings& s) : env_(env), settings_(s), overlay_(s.directory), watcher_(env), openers_(env) {}

  core::awaitable<void> run() {
    const auto began = env_.now();
    for (unsigned i = 0; i < settings_.at_once; ++i) openers_.spawn(open_some());
    co_await openers_.join();
    const auto took = std::chrono::duration<double>(env_.now() - began).count();
    say({{"open", opened_}, {"failed", failed_}, {"first_failure", why_}, {"seconds", took}});
    commands input(env_);
    while (true) {  // ends with "quit"
      const auto line = co_await input.next();
      if (line == "quit") break;
      const auto living = co_await count_living();
      say({{"living", living}});
    }
    streams_.clear();
    for (const auto& h : hosts_) co_await h->stop();
  }

 private:
  [[nodiscard]] asio::ip::address source(unsigned i) const {
    const auto n = settings_.number * settings_.sources + i % settings_.sources;
    return asio::ip::address_v4(0x7f5b0001U + (n / 250 << 8) + n % 250);  // 127.91.x.y
  }

  core::awaitable<void> open_some() {
    while (next_ < settings_.count) {  // each turn takes one
      const auto number = next_++;
      core::status done;
      for (int attempt = 0; attempt < 5; ++attempt) {
        done = co_await open(number);
        if (done) break;
        co_await core::sleep_for(env_, 500ms);
      }
      ++(done ? opened_ : failed_);
      if (!done && why_.empty()) why_ = done.error().message();
    }
  }

  core::awaitable<core::status> open(unsigned number) {
    const auto deadline = env_.now() + 10s;
    const auto to = asio::ip::make_address(settings_.address);
    if (settings_.kind == "tls") {
      transport::tls_client_options o;
      o.verify = false;
      o.alpn.emplace_back("sip/2");
      const transport::endpoint server{to, tls_port};
      auto s = co_await transport::open_tls_stream(env_, source(number), server, o, deadline);
      if (!s) co_return core::fail(s.error());
      streams_.push_back(std::move(*s));
      co_return core::status();
    }
    std::vector<transport::candidate> at;
    at.push_back({transport::link_kind::dtls, {to, reload_port}});
    auto l = co_await host_of(number).connect(std::move(at), std::nullopt, deadline);
    if (!l) co_return core::fail(l.error());
    (*l)->observe(&watcher_);
    links_.push_back(std::move(*l));
    co_return core::status();
  }

  transport::host& host_of(unsigned number) {
    const auto i = number % settings_.sources;
    while (hosts_.size() <= i) {
      transport::host_options o;
      o.address = source(static_cast<unsigned>(hosts_.size()));
      o.ports = {0, 0, 0, 0, 0, 0};
      auto opened = transport::host::open(env_, o, overlay_.credential(env_), overlay_.trust, {}, metrics_, {});
      if (!opened) throw std::runtime_error(opened.error().message());
      hosts_.push_back(std::move(*opened));
    }
    return *hosts_[i];
  }

  core::awaitable<std::size_t> count_living() {
    std::size_t n = 0;
    for (const auto& l : links_) n += l->open() ? 1 : 0;
    for (const auto& s : streams_) {
      const auto written = co_await s->write(core::as_bytes("\r\n\r\n"), env_.now() + 5s);
      std::array<std::uint8_t, 16> buffer{};
      const auto got = co_await s->read(buffer, env_.now() + 5s);
      n += written && got ? 1 : 0;
    }
    co_return n;
  }

  core::environment& env_;
  settings settings_;
  bench_overlay overlay_;
  core::metrics metrics_;
  holder watcher_;
  core::task_scope openers_;
  std::vector<std::unique_ptr<transport::host>> hosts_;
  std::vector<std::unique_ptr<transport::stream>> streams_;
  std::vector<std::shared_ptr<transport::link>> links_;
  unsigned next_ = 0;
  unsigned opened_ = 0;
  unsigned failed_ = 0;
  std::string why_;
};

core::awaitable<void> connect_all(core::environment& env, const settings& s) {
  client c(env, s);
  co_await c.run();
}

}  // namespace

int main(int argc, char** argv) {
  settings s;
  CLI::App app("Very many connections at one host.");
  app.require_subcommand(1);
  app.add_option("--directory", s.directory, "where the overlay's authority lies")->required();
  app.add_option("--address", s.address, "the server's");
  auto* server = app.add_subcommand("server", "takes connections, and says how many it holds for each line on standard input");
  auto* clients = app.add_subcommand("client", "opens connections and keeps them");
  clients->add_option("--kind", s.kind, "tls or dtls");
  clients->add_option("--count", s.count, "connections");
  clients->add_option("--number", s.number, "of this client among others");
  clients->add_option("--sources", s.sources, "addresses they come from");
  clients->add_option("--at-once", s.at_once, "handshakes at a time");
  app.add_subcommand("cryptography", "handshakes of two ends in memory");
  CLI11_PARSE(app, argc, argv);
  try {
    core::shard shard("bench");
    if (server->parsed()) shard.run(serve(shard.env(), s));
    if (clients->parsed()) shard.run(connect_all(shard.env(), s));
    if (app.got_subcommand("cryptography")) say(measure_cryptography(shard.env(), s.directory));
  } catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 1;
  }
  return 0;
}
