#include "phyllo/sip/errc.hpp"

namespace phyllo::sip {
namespace {

const core::error_table<6> table{"sip",
                                 {{
                                     "malformed message",
                                     "beyond the limits of a message",
                                     "no answer in time",
                                     "no way to the destination",
                                     "overloaded",
                                     "closed",
                                 }}};

}  // namespace

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), table}; }

}  // namespace phyllo::sip
