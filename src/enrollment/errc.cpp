#include "phyllo/enrollment/errc.hpp"

namespace phyllo::enrollment {
namespace {

const core::error_table<13> table{
    "enrollment",
    {{
        "wrong user name or password",
        "user name not available",
        "the account has no Node-ID left (login.peers_per_account, login.devices_per_account, or supernode user add --peers)",
        "bad certificate request",
        "account exists",
        "no such account",
        "invalid user name",
        "account database",
        "the server answered with an error",
        "no server answered",
        "too many failed log-ins",
        "a generation of the domain's key that this node does not have",
        "wrong configuration",
    }}};

}  // namespace

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), table}; }

}  // namespace phyllo::enrollment
