// Certificates met in messages, by fingerprint, so that each is parsed once.
#pragma once

#include <list>
#include <map>
#include <optional>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::overlay {

class certificate_store {
 public:
  static constexpr std::size_t entries_max = 4096;

  explicit certificate_store(const identity::trust& trust) : trust_(trust) {}

  // Whether it is to be believed is asked of `trust` at each use; the store only saves the parsing.
  void keep(const identity::certificate& c);
  [[nodiscard]] const identity::certificate* find(const identity::sha256_digest& fingerprint) const;
  // Parses what is new of a message's bucket; nothing is kept. Malformed ones are left out.
  [[nodiscard]] std::vector<identity::certificate> parse(const std::vector<core::byte_view>& bucket) const;

 private:
  const identity::trust& trust_;
  std::map<identity::sha256_digest, identity::certificate> entries_;
  std::list<identity::sha256_digest> order_;
};

}  // namespace phyllo::overlay
