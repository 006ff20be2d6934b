// Handshakes in memory: two engines whose output the test carries from one to the other.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "small_overlay.hpp"
#include "support/run.hpp"
#include "transport/tls/tls_engine.hpp"

namespace phyllo::testing {

struct tls_ends {
  core::status client;
  core::status server;
};

inline void carry(transport::tls_engine& from, transport::tls_engine& to) {
  for (const auto& bytes : from.take_output()) to.feed(bytes);
}

// Until nothing moves any more; an end that failed stays failed.
inline tls_ends shake(transport::tls_engine& client, transport::tls_engine& server) {
  tls_ends out;
  for (int turn = 0; turn < 20; ++turn) {
    if (out.client) out.client = client.handshake();
    carry(client, server);
    if (out.server) out.server = server.handshake();
    if (!client.has_output() && !server.has_output()) break;
    carry(server, client);
  }
  return out;
}

// What one of an overlay's nodes handshakes with.
struct tls_side {
  tls_side(core::environment& env, const small_overlay& o, std::shared_ptr<const identity::credential> c) : context(env, &o.trust) {
    context.set_credential(std::move(c));
  }
  transport::tls_context context;
};

inline core::result<std::string> pass(transport::tls_engine& from, transport::tls_engine& to, std::string_view text) {
  if (auto w = from.write(core::as_bytes(text)); !w) return core::fail(w.error());
  carry(from, to);
  std::array<std::uint8_t, 1024> buffer{};
  const auto n = to.read(buffer);
  if (!n) return core::fail(n.error());
  return std::string(core::as_text(core::byte_view(buffer).first(*n)));
}

struct world_of_two {
  real_world world;
  small_overlay o;
  core::environment& env = *world.env;
};

}  // namespace phyllo::testing
