#include "phyllo/identity/errc.hpp"

namespace phyllo::identity {
namespace {

const core::error_table<12> table{"identity",
                                  {{
                                      "malformed key",
                                      "malformed certificate",
                                      "malformed configuration document",
                                      "issued by none of the overlay's trust anchors",
                                      "outside its validity",
                                      "revoked",
                                      "issued for another overlay",
                                      "signature does not verify",
                                      "signer unknown",
                                      "unsupported algorithm",
                                      "not sealed for this key",
                                      "not newer than the document at hand",
                                  }}};

}  // namespace

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), table}; }

}  // namespace phyllo::identity
