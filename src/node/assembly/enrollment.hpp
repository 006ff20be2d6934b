// How the node comes by its configuration document and its certificate, again and again until it has them.
#pragma once

#include <functional>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/enrollment/overlay_authority.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// Tells what is being waited for, for /healthz.
using hint = std::function<void(std::string why)>;

// Of a request to a login or bootstrap server. disk's io: an anchor's file is missing.
[[nodiscard]] core::result<enrollment::client_options> client_options_of(const configuration& c, enrollment::time_listener hear = nullptr);

// From the bootstrap servers, tried until one has a document that may be adopted (document_file.hpp); the one kept on disk serves when
// they are away, or have none such. Nothing is kept here: the caller adopts it first. Ends by cancellation otherwise.
core::awaitable<identity::parsed_configuration> await_document(core::environment& env, const configuration& c, core::logger log, hint tell,
                                                               enrollment::time_listener hear);

// One attempt at the bootstrap servers: a document that is valid by itself. Whether it may be adopted is not asked here.
core::awaitable<core::result<identity::parsed_configuration>> try_document(core::environment& env, const configuration& c,
                                                                           enrollment::time_listener hear);

// The kept one while it is good for more than a third of its life and has authority for node.domains, else a new one from the document's
// login servers, tried until one gives it. A kept one that is still valid serves when they are away, or give no other.
core::awaitable<identity::credential> await_credential(core::environment& env, const configuration& c, identity::configuration document,
                                                       core::logger log, hint tell);

// One attempt at the document's login servers; what they give is kept on disk.
core::awaitable<core::result<identity::credential>> try_enrollment(core::environment& env, const configuration& c,
                                                                   identity::configuration document);

// The same for a node whose certificate is still good: that serves instead of a password, or else the password.
core::awaitable<core::result<identity::credential>> try_renewal(core::environment& env, const configuration& c,
                                                                identity::configuration document, identity::credential old);

// The keys of the node's domains, by its certificate.
core::awaitable<core::result<identity::domain_keyring>> try_domain_keys(core::environment& env, const configuration& c,
                                                                        identity::configuration document, identity::credential by);

// The login server's own node certifies itself: it holds the authority. The kept one serves while it is good for more than a third of its
// life and says what configuration and accounts do.
[[nodiscard]] core::result<identity::credential> keep_or_enrol_with(core::environment& env, const configuration& c,
                                                                    const enrollment::overlay_authority& a, enrollment::accounts& accounts);
[[nodiscard]] core::result<identity::credential> enrol_with(core::environment& env, const configuration& c,
                                                            const enrollment::overlay_authority& a, enrollment::accounts& accounts);

}  // namespace phyllo::node
