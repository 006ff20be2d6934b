// A ring of this project's peers in one process, on real DTLS links between loopback addresses: what a put and a get
// cost in CPU time over all nodes, and how long they take. One JSON object on standard output.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "phyllo/core/shard.hpp"
#include "phyllo/identity/signature.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "phyllo/overlay/peer.hpp"
#include "phyllo/transport/host.hpp"

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

const std::string overlay_name = "bench.example.com";

struct parameters {
  unsigned nodes = 32;
  unsigned operations = 2000;
  std::size_t value_bytes = 200;
  std::uint64_t seed = 1;
};

struct member {
  core::metrics metrics;
  identity::trust trust{overlay_name};
  std::shared_ptr<const identity::credential> credential;
  std::unique_ptr<transport::host> host;
  std::unique_ptr<overlay::peer> peer;
};

double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return of(u.ru_utime) + of(u.ru_stime);
}

double microseconds(core::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

// CPU time and latencies of a run of operations; what an idle ring uses in the same time is taken off.
struct cost {
  double cpu_us = 0;
  std::vector<double> took_us;

  [[nodiscard]] nlohmann::json json() {
    std::ranges::sort(took_us);
    const auto at = [&](double share) { return took_us[static_cast<std::size_t>(share * static_cast<double>(took_us.size() - 1))]; };
    return {{"cpu_us", cpu_us}, {"p50_us", at(0.5)}, {"p99_us", at(0.99)}, {"operations", took_us.size()}};
  }
};

// What one signature and one verification cost here, on a message of usual length.
nlohmann::json measure_cryptography(const identity::credential& self) {
  constexpr int rounds = 2000;
  const core::bytes message(500, 0x55);
  auto at = cpu_seconds();
  identity::signature s;
  for (int i = 0; i < rounds; ++i) s = identity::sign(self, {message});
  const auto sign_us = (cpu_seconds() - at) * 1e6 / rounds;
  at = cpu_seconds();
  bool good = true;
  for (int i = 0; i < rounds; ++i) good = good && identity::verify(s, self.certificate, {message});
  const auto verify_us = (cpu_seconds() - at) * 1e6 / rounds;
  return {{"sign_us", sign_us}, {"verify_us", verify_us}, {"good", good}};
}

class ring {
 public:
  ring(core::environment& env, parameters p) : env_(env), p_(p), dice_(p.seed) {}

  core::awaitable<nlohmann::json> measure() {
    const bool formed = co_await form();
    nlohmann::json out{{"nodes", p_.nodes}};
    if (formed) {
      const auto idle = co_await idle_share();
      auto put = co_await run(idle, true);
      auto get = co_await run(idle, false);
      out["cryptography"] = measure_cryptography(*members_.front()->credential);
      out.update({{"idle_cpu_share", idle}, {"failed", failed_}, {"put", put.json()}, {"get", get.json()}});
    }
    for (auto& m : members_) co_await m->peer->stop();
    for (auto& m : members_) co_await m->host->stop();
    co_return out;
  }

 private:
  std::shared_ptr<const identity::credential> issue(const std::string& user) {
    identity::node_id id;
    env_.random(id.octets);
    auto key = identity::private_key::generate();
    const auto now = env_.wall_now();
    auto certificate = ca_.issue({id, user, overlay_name, {overlay_name}, now - 1h, now + 24h, true}, key.native()).value();
    return std::make_shared<const identity::credential>(identity::credential{std::move(certificate), std::move(key)});
  }

  identity::parsed_configuration document() {
    const auto signer = issue("signer@" + overlay_name);
    identity::configuration c;
    c.instance_name = overlay_name;
    c.sequence = 1;
    c.expiration = env_.wall_now() + 24h;
    c.root_certificates = {ca_.certificate_der()};
    c.configuration_signers = {signer->certificate.node()};
    c.kinds = identity::standard_kinds();
    return identity::parse_configuration(identity::print(c, *signer), {}, env_.wall_now()).value();
  }

  void add(const identity::parsed_configuration& d, const transport::web_certificate& web) {
    auto m = std::make_unique<member>();
    const auto number = static_cast<std::uint8_t>(members_.size() + 1);
    m->credential = issue("node" + std::to_string(number) + "@" + overlay_name);
    m->trust.update(d.content.root_certificates, {}).value();
    transport::host_options o;
    o.address = asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 30, 0, number});
    o.ports = {.reload = 6084, .sip = 0, .sips = 0, .stun = 0, .https = 0, .http = 0};
    m->host = transport::host::open(env_, o, m->credential, m->trust, web, m->metrics, {}).value();
    overlay::peer_options peer;
    peer.first = members_.empty();
    m->peer = overlay::peer::create(env_, peer, m->credential, d, m->trust, *m->host, m->metrics, {});
    members_.push_back(std::move(m));
  }

  core::awaitable<bool> form() {
    const auto d = document();
    auto made = identity::make_web_certificate({"bench.example.com"}, env_.wall_now(), 24h);
    const transport::web_certificate web{std::move(made.certificate_pem), std::move(made.key_pem)};
    while (members_.size() < p_.nodes) {
      add(d, web);
      std::vector<transport::candidate> first;
      if (members_.size() > 1) first = members_.front()->host->candidates();
      const auto joined = co_await members_.back()->peer->join(std::move(first), env_.now() + 30s);
      if (!joined) {
        std::cerr << "error: a node could not join: " << joined.error().message() << "\n";
        co_return false;
      }
    }
    co_await core::sleep_for(env_, 5s);
    co_return true;
  }

  core::awaitable<double> idle_share() {
    const auto began = env_.now();
    const auto cpu = cpu_seconds();
    co_await core::sleep_for(env_, 5s);
    co_return (cpu_seconds() - cpu) / (microseconds(env_.now() - began) / 1e6);
  }

  overlay::peer& random_peer() { return *members_[dice_() % members_.size()]->peer; }

  core::awaitable<cost> run(double idle, bool put) {
    cost c;
    const auto began = env_.now();
    const auto cpu = cpu_seconds();
    for (unsigned i = 0; i < p_.operations; ++i) {
      const auto name = overlay::name::parse("data:record" + std::to_string(i) + "@" + overlay_name).value();
      const auto at = env_.now();
      const bool good = co_await operate(put, name);
      failed_ += good ? 0 : 1;
      c.took_us.push_back(microseconds(env_.now() - at));
    }
    const auto wall = microseconds(env_.now() - began) / 1e6;
    c.cpu_us = (cpu_seconds() - cpu - idle * wall) * 1e6 / p_.operations;
    co_return c;
  }

  core::awaitable<bool> operate(bool put, overlay::name name) {
    const std::string only;
    auto& peer = random_peer();
    if (!put) {
      const auto got = co_await peer.get(only, name, overlay::read_options());
      co_return got && got->values.size() == 1;
    }
    overlay::record r;
    r.name = name;
    r.lifetime_s = 3600;
    r.value = std::string(p_.value_bytes, 'x');
    const auto done = co_await peer.add(only, name, std::move(r), 3600s, overlay::write_options());
    if (!done && failed_ == 0) std::cerr << "error: put: " << done.error().message() << "\n";
    co_return done.has_value();
  }

  core::environment& env_;
  parameters p_;
  std::mt19937_64 dice_;
  unsigned failed_ = 0;
  identity::authority ca_ = identity::authority::create("bench CA", env_.wall_now() - 2h);
  std::vector<std::unique_ptr<member>> members_;
};

core::awaitable<void> measure_and_print(core::environment& env, parameters p) {
  ring r(env, p);
  const auto out = co_await r.measure();
  std::cout << out.dump() << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What a put and a get cost in a ring of peers on loopback");
  parameters p;
  app.add_option("--nodes", p.nodes, "peers of the ring")->check(CLI::Range(2, 250))->capture_default_str();
  app.add_option("--operations", p.operations, "puts, and as many gets")->capture_default_str();
  app.add_option("--value-bytes", p.value_bytes, "length of each value")->capture_default_str();
  app.add_option("--seed", p.seed)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    core::shard shard("bench");
    shard.run(measure_and_print(shard.env(), p));
  } catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 1;
  }
  return 0;
}
