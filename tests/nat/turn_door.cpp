// A host with a TURN server and nothing else, on one address: what clients that others have written are run against.
#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <iostream>

#include "phyllo/identity/web_certificate.hpp"
#include "phyllo/nat/turn_service.hpp"
#include "phyllo/transport/host.hpp"

using namespace phyllo;

namespace {

struct arguments {
  std::string address = "127.0.0.1";
  std::uint16_t port = 3478;
  std::string secret = "north";
  std::vector<std::string> allowed;
  bool old_channels = false;
};

nat::turn_settings settings_of(const arguments& a) {
  nat::turn_settings s;
  s.realm = "example.org";
  s.shared_secret = a.secret;
  s.old_channels = a.old_channels;
  s.limits.allocations_of_user = s.limits.allocations_of_address = s.limits.allocations;
  s.limits.refusals_of_source = 10'000;
  for (const auto& text : a.allowed) s.allowed_peers.push_back(transport::address_prefix::parse(text).value());
  return s;
}

int serve(const arguments& a) {
  asio::io_context io{1};
  const auto env = core::make_system_environment(io.get_executor());
  core::metrics metrics;
  const identity::trust trust("example.org");
  auto web = identity::make_web_certificate({"example.org"}, env->wall_now(), std::chrono::hours(24));
  transport::host_options o;
  o.address = asio::ip::make_address(a.address);
  o.ports = {0, 0, 0, a.port, 0, 0};
  auto opened = transport::host::open(*env, o, nullptr, trust, {std::move(web.certificate_pem), std::move(web.key_pem)}, metrics, {});
  if (!opened) {
    std::cerr << "error: " << opened.error().message() << "\n";
    return 1;
  }
  const auto settings = settings_of(a);
  const nat::shared_secret_credentials credentials(settings.shared_secret);
  const auto turn = nat::turn_service::create(*env, **opened, settings, credentials, metrics);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const asio::error_code&, int) { io.stop(); });
  std::cout << "ready" << std::endl;
  io.run();
  for (const auto& [reason, n] : metrics.drops()) {
    if (n > 0) std::cout << "dropped " << reason << " " << n << "\n";
  }
  io.restart();
  asio::co_spawn(
      io,
      [](nat::turn_service& t, transport::host& h) -> core::awaitable<void> {
        co_await t.stop();
        co_await h.stop();
      }(*turn, **opened),
      asio::detached);
  io.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  arguments a;
  CLI::App app("A TURN server on one address. Credentials are made by a shared secret; the realm is example.org.");
  app.add_option("--address", a.address, "where it listens and relays");
  app.add_option("--port", a.port, "UDP and TCP");
  app.add_option("--secret", a.secret, "as turnutils_uclient's -W");
  app.add_option("--allow-peers", a.allowed, "ranges of peers that would be denied");
  app.add_flag("--old-channels", a.old_channels, "RFC 5766's channel numbers up to 0x7fff");
  CLI11_PARSE(app, argc, argv);
  return serve(a);
}
