// Readiness for the service manager (sd_notify(3)): one datagram to the socket that NOTIFY_SOCKET names.
#pragma once

#include <string_view>

namespace phyllo::node {

// "READY=1", "STOPPING=1". False where no socket is named, or it does not take the datagram.
bool notify_service_manager(std::string_view state);

}  // namespace phyllo::node
