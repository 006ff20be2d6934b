#include "bench_overlay.hpp"

#include <sys/resource.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "phyllo/identity/web_certificate.hpp"
#include "transport/tls/tls_engine.hpp"

using namespace std::chrono_literals;

namespace phyllo::bench {
namespace {

const std::string overlay_name = "bench.example.com";

std::string read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

identity::authority open_authority(const std::string& directory) {
  auto known = identity::authority::from_pem(read_text(directory + "/ca.pem"), read_text(directory + "/ca-key.pem"));
  if (known) return std::move(*known);
  auto made = identity::authority::create("bench", std::chrono::system_clock::now());
  std::ofstream(directory + "/ca.pem") << made.certificate_pem();
  std::ofstream(directory + "/ca-key.pem") << made.key_pem();
  return made;
}

void carry(transport::tls_engine& from, transport::tls_engine& to) {
  for (const auto& bytes : from.take_output()) to.feed(bytes);
}

// Both ends of handshakes in memory: what the cryptography and the library take, without sockets.
double handshake_us(const transport::tls_context& context, bool overlay, bool datagrams, unsigned rounds) {
  const auto began = cpu_seconds();
  for (unsigned i = 0; i < rounds; ++i) {
    transport::tls_engine server(context, {datagrams, overlay});
    transport::tls_client_options o;
    o.verify = false;
    auto client = overlay ? std::make_unique<transport::tls_engine>(
                                context, transport::tls_engine::overlay_client{.datagrams = datagrams, .expected = {}})
                          : transport::tls_engine::make_web_client(context, o, "127.0.0.1").value();
    for (int turn = 0; turn < 20 && !(client->established() && server.established()); ++turn) {
      if (!client->handshake()) throw std::runtime_error("the client's handshake failed");
      carry(*client, server);
      if (!server.handshake()) throw std::runtime_error("the server's handshake failed");
      carry(server, *client);
    }
  }
  return (cpu_seconds() - began) / rounds * 1e6;
}

}  // namespace

double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return of(u.ru_utime) + of(u.ru_stime);
}

bench_overlay::bench_overlay(const std::string& directory) : ca(open_authority(directory)), trust(overlay_name) {
  if (!trust.update({ca.certificate_der()}, {})) throw std::runtime_error("the authority's certificate is none");
}

std::shared_ptr<const identity::credential> bench_overlay::credential(core::environment& env) const {
  identity::node_id id;
  env.random(id.octets);
  auto key = identity::private_key::generate();
  const auto now = std::chrono::system_clock::now();
  auto c = ca.issue({id, "bench@example.com", overlay_name, {}, now - 1h, now + 24h}, key.native()).value();
  return std::make_shared<const identity::credential>(identity::credential{std::move(c), std::move(key)});
}

nlohmann::json measure_cryptography(core::environment& env, const std::string& directory) {
  const bench_overlay overlay(directory);
  transport::tls_context context(env, &overlay.trust);
  context.set_credential(overlay.credential(env));
  const auto web = identity::make_web_certificate({overlay_name}, std::chrono::system_clock::now(), 24h);
  if (auto set = context.set_web({web.certificate_pem, web.key_pem}); !set) throw std::runtime_error(set.error().message());
  constexpr unsigned rounds = 1000;
  return {{"tls_us", handshake_us(context, false, false, rounds)},
          {"tls_overlay_us", handshake_us(context, true, false, rounds)},
          {"dtls_us", handshake_us(context, true, true, rounds)}};
}

}  // namespace phyllo::bench
