// The overlay of a run of bench-connections, and what it takes to make handshakes in it.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::bench {

// Its authority lies in a directory that all processes of the run see; the first one makes it.
struct bench_overlay {
  explicit bench_overlay(const std::string& directory);
  [[nodiscard]] std::shared_ptr<const identity::credential> credential(core::environment& env) const;

  identity::authority ca;
  identity::trust trust;
};

[[nodiscard]] double cpu_seconds();  // of this process

// Microseconds that both ends of a handshake take in memory: the cryptography and the library, without sockets.
[[nodiscard]] nlohmann::json measure_cryptography(core::environment& env, const std::string& directory);

}  // namespace phyllo::bench
