// One HTTPS request to whichever address of a host answers first in turn.
#pragma once

#include "phyllo/enrollment/login_client.hpp"

namespace phyllo::enrollment {

// unreachable (with the last address's reason), or what the URL's parser says. Only https.
core::awaitable<core::result<transport::http_response>> request_https(core::environment& env, client_options o, std::string url,
                                                                      transport::http_request r, core::time_point deadline);

}  // namespace phyllo::enrollment
