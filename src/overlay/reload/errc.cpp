#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {
namespace {

const core::error_table<16> table{"overlay",
                                  {{
                                      "not found",
                                      "already exists",
                                      "a newer version is stored",
                                      "forbidden",
                                      "quota exceeded",
                                      "no answer in time",
                                      "not joined",
                                      "unknown overlay",
                                      "unknown Kind",
                                      "invalid message",
                                      "no route",
                                      "generation counter too low",
                                      "configuration sequences differ",
                                      "invalid name",
                                      "invalid record",
                                      "refused",
                                  }}};

}  // namespace

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), table}; }

}  // namespace phyllo::overlay
