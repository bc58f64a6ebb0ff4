//! A Discord one can log in to: gateway, REST, CDN and a control door, playing a World.
