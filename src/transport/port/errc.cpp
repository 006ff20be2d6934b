#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

const core::error_table<11> table{"transport",
                                  {{
                                      "no answer in time",
                                      "refused",
                                      "closed",
                                      "handshake failed",
                                      "certificate rejected",
                                      "another node than asked for",
                                      "address in use",
                                      "not permitted",
                                      "malformed",
                                      "too large",
                                      "overloaded",
                                  }}};

}  // namespace

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), table}; }

}  // namespace phyllo::transport
