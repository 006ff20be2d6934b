// By whom a node was admitted to its place (specification of the Pastry plug-in, joining): a neighbour's word that others can check.
//
//   Grant: granter (16) | Signature over "phyllo grant" | overlay (4) | joiner (16) | incarnation (4) | granter (16) | SignerIdentity
//
// It holds as long as the joiner's incarnation: who starts again asks again.
#pragma once

#include <cstdint>
#include <vector>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/signature.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

constexpr std::size_t grants_max = 3;  // that a node shows: of both its neighbours, and one more where two rings meet

// To whom it is given.
struct grant_terms {
  std::uint32_t overlay = 0;
  node_id joiner;
  std::uint32_t incarnation = 0;
};

struct signed_grant {
  node_id granter;
  identity::signature signature;

  [[nodiscard]] static signed_grant make(const identity::credential& granter, const grant_terms& t);
  // bad_signature, unknown_signer (another certificate than the granter's), unsupported_algorithm. It does not ask `trust`.
  [[nodiscard]] core::status verify(const identity::certificate& of_granter, const grant_terms& t) const;
  friend bool operator==(const signed_grant& a, const signed_grant& b) {
    return a.granter == b.granter && a.signature.identity_value == b.signature.identity_value && a.signature.value == b.signature.value;
  }
};

//  length (2) Grant...
void write_grants(core::wire_writer& w, const std::vector<signed_grant>& grants);
[[nodiscard]] std::vector<signed_grant> read_grants(core::wire_reader& r);  // failure is the reader's: grants_max at most

}  // namespace phyllo::overlay
