// Keys and certificates, the configuration document, the revocation list, a grant; and frames of links.
#pragma once

#include "phyllo/identity/revocation_list.hpp"
#include "vectors/cast.hpp"
#include "vectors/describe.hpp"

namespace phyllo::testing {

// The document, and a revocation list of two entries as its first change.
[[nodiscard]] std::string vector_document(const cast& c);
[[nodiscard]] identity::revocation_list::next vector_revocations(const cast& c);

[[nodiscard]] json key_vectors(const cast& c);
[[nodiscard]] json document_vectors(const cast& c);
[[nodiscard]] json revocation_vectors(const cast& c);
[[nodiscard]] json frame_vectors();

}  // namespace phyllo::testing
