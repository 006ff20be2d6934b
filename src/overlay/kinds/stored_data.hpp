// StoredData (RFC 6940 s.7, 7.1, 7.2): one signed value of a resource, in the three data models.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/signature.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

using kind_id = std::uint32_t;

enum class data_model : std::uint8_t { single, array, dictionary };

// StoredDataValue: DataValue, ArrayEntry or DictionaryEntry.
//   single      exists (1) | length (4) | value
//   array       index (4) | exists (1) | length (4) | value
//   dictionary  length (2) | key | exists (1) | length (4) | value
struct data_value {
  data_model model = data_model::dictionary;
  std::uint32_t index = 0;  // of an array
  core::bytes key;          // of a dictionary
  bool exists = true;
  core::bytes value;  // empty where exists is false

  void write(core::wire_writer& w) const;
  [[nodiscard]] static data_value read(core::wire_reader& r, data_model model);  // failure is the reader's
  // What tells this entry from others of its Kind: nothing, the index (4 bytes) or the key.
  [[nodiscard]] core::bytes entry() const;
  friend bool operator==(const data_value&, const data_value&) = default;
};

// What decides between two values of one entry: the later storage time; at the same time the greater hash, so that all
// nodes decide alike. Equal versions are identical values.
struct version {
  std::uint64_t storage_time = 0;
  identity::sha256_digest hash{};  // of the StoredDataValue's bytes
  friend auto operator<=>(const version&, const version&) = default;
};

// By it a value of a time to come, later than `latest`, gives way to any that is not: its owner has written with a clock that was wrong.
struct version_order {
  std::uint64_t latest = ~std::uint64_t{0};
  [[nodiscard]] bool older(const version& a, const version& b) const noexcept {
    const bool to_come = a.storage_time > latest;
    return to_come == (b.storage_time > latest) ? a < b : to_come;
  }
};

//  length (4) | storage_time (8) | lifetime (4) | StoredDataValue | Signature
struct stored_data {
  std::uint64_t storage_time = 0;  // Unix milliseconds
  std::uint32_t lifetime = 0;      // seconds from receipt; not signed
  data_value value;
  identity::signature signature;

  void write(core::wire_writer& w) const;
  [[nodiscard]] static stored_data read(core::wire_reader& r, data_model model);
  [[nodiscard]] phyllo::overlay::version version() const;
  [[nodiscard]] std::size_t size() const;  // of its encoding
};

// resource_id || kind || storage_time || StoredDataValue; SignerIdentity is appended by identity. The index of an array
// entry counts as zero (s.7.4.2.2).
[[nodiscard]] core::bytes signature_input(const resource_id& resource, kind_id kind, const stored_data& d);
void sign(stored_data& d, const resource_id& resource, kind_id kind, const identity::credential& by);
// identity's errors; forbidden for an unsigned (identity type none, anonymous) value.
[[nodiscard]] core::status verify(const stored_data& d, const resource_id& resource, kind_id kind, const identity::certificate& signer);

// The synthetic value for an entry nobody stored (s.7.4.2.2): exists false, no signature.
[[nodiscard]] stored_data nonexistent(data_model model, core::bytes key);

// ResourceId: length (1) | id. Ours are 16 bytes; others fail.
void write_resource(core::wire_writer& w, const resource_id& id);
[[nodiscard]] resource_id read_resource(core::wire_reader& r);
[[nodiscard]] node_id read_node(core::wire_reader& r);  // 16 bytes, no length

}  // namespace phyllo::overlay
