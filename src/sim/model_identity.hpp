// A model of certificates and signatures: as many bytes as the real ones have, and as exact for who has no key, at a
// hundredth of the time. It withstands mistakes, not attackers: the simulator's malicious nodes do not forge.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "phyllo/sim/issuer.hpp"

namespace phyllo::sim {

// All certificates that one issuer has made. Nodes share what is read.
class model_registry {
 public:
  explicit model_registry(std::uint64_t seed) : secret_(seed) {}
  [[nodiscard]] identity::credential issue(const issuer::request& r, const std::string& overlay_name);
  [[nodiscard]] const identity::certificate* find(const identity::sha256_digest& fingerprint) const;
  [[nodiscard]] const identity::certificate* read(core::byte_view der) const;

 private:
  struct digest_hash {
    std::size_t operator()(const identity::sha256_digest& d) const noexcept;
  };
  std::uint64_t secret_;
  std::uint32_t serial_ = 0;
  std::deque<identity::certificate> issued_;  // by serial number
  std::unordered_map<identity::sha256_digest, std::uint32_t, digest_hash> by_fingerprint_;
};

class model_trust final : public identity::trust {
 public:
  model_trust(std::string overlay_name, const model_registry& r) : trust(std::move(overlay_name)), registry_(r) {}
  [[nodiscard]] core::result<identity::certificate> read(core::byte_view der) const override;
  [[nodiscard]] const identity::certificate* kept(const identity::sha256_digest& fingerprint) const override;
  [[nodiscard]] core::status check(const identity::certificate& c, core::wall_time now) const override;

 private:
  const model_registry& registry_;
};

}  // namespace phyllo::sim
